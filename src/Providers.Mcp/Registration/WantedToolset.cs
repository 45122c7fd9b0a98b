namespace Providers.Mcp.Registration;

/// <summary>A toolset the host wants at this door.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Origin">What a host calls to have it.</param>
internal sealed record WantedToolset(string Name, string Origin);
