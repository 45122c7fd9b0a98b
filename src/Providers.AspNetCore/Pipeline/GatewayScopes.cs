namespace Providers.AspNetCore;

/// <summary>What a caller may do. Spelled <c>chat</c>, <c>embeddings</c>, <c>memory:read</c>, <c>memory:write</c> and <c>admin</c> in keys, tokens and configuration.</summary>
[Flags]
public enum GatewayScopes
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Chat, and the list of models.</summary>
    Chat = 1,

    /// <summary>Embeddings, and the list of models.</summary>
    Embeddings = 2,

    /// <summary>Read, list, search and export the memories of the caller's tenant.</summary>
    MemoryRead = 4,

    /// <summary>Store, change, delete, import and erase the memories of the caller's tenant.</summary>
    MemoryWrite = 8,

    /// <summary>See and steer the providers, manage API keys, and see the details of health. Includes no other scope.</summary>
    Admin = 16,

    /// <summary>Everything.</summary>
    All = Chat | Embeddings | MemoryRead | MemoryWrite | Admin,
}
