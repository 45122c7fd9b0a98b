namespace Providers;

/// <summary>One document's score.</summary>
/// <param name="Index">The document's place in the request, from 0.</param>
/// <param name="Score">The higher, the better; the scale is the model's.</param>
public readonly record struct RerankResult(int Index, double Score);
