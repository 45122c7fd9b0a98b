namespace Providers.Mcp.Guard;

/// <summary>Marks a host whose callers must bring tokens.</summary>
internal sealed class TokensWanted;
