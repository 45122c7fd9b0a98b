namespace Providers.Mlx;

/// <summary>One run of a server that generates; compared by reference, as a later run may listen on the same port.</summary>
internal sealed record RunningServer(Uri Endpoint);
