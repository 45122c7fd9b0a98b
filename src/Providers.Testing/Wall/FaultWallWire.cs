namespace Providers.Testing;

/// <summary>What stands between a subject and the wall's targets.</summary>
public enum FaultWallWire
{
    /// <summary>Nothing: providers in process, on virtual time.</summary>
    InProcess = 0,

    /// <summary>Sockets to <see cref="OllamaServer"/>.</summary>
    Ollama,

    /// <summary>Sockets to <see cref="OpenAIServer"/>.</summary>
    OpenAI,

    /// <summary>Sockets to <see cref="MlxServer"/>.</summary>
    Mlx,
}
