namespace Providers.Vectors;

/// <summary>Where a search enters the graph, and the upper links it may follow.</summary>
internal sealed record GraphView(int Entry, int Level, NativeBlock[] Upper);
