using System.Text.Json;
using System.Text.Json.Nodes;
using Providers.Testing.Answers;
using Providers.Testing.Faults;

namespace Providers.Testing.Wires;

/// <summary>The embeddings of a request, with what the fault makes of them.</summary>
internal static class VectorReply
{
    public static List<float[]> For(WireExchange exchange, bool cutToDimensions)
    {
        ModelServerOptions options = exchange.Options;
        List<float[]> vectors = [.. Inputs(exchange.Request.Json?["input"]).Select(text => HashingVectors.Of(text, options.EmbeddingDimensions, options.EmbeddingSpace))];
        if (cutToDimensions && exchange.Request.Json?["dimensions"] is JsonValue value && value.TryGetValue(out int asked) && asked > 0 && asked < options.EmbeddingDimensions)
        {
            vectors = [.. vectors.Select(v => Normalise(v[..asked]))];
        }

        exchange.Log.Tokens = vectors.Count;
        exchange.Log.Completed = exchange.Fault.Kind is FaultKind.None;
        return Spoil(vectors, exchange.Fault);
    }

    public static List<float[]> Spoil(List<float[]> vectors, Fault fault) => fault.Kind switch
    {
        FaultKind.WrongCount => [.. vectors.SkipLast(1)],
        FaultKind.WrongDimensions => [.. vectors.Select(static v => v[..^1])],
        FaultKind.NotFinite => [.. vectors.Select(static v => (float[])[float.NaN, .. v[1..]])],
        FaultKind.Zero => [.. vectors.Select(static v => new float[v.Length])],
        _ => vectors,
    };

    public static IReadOnlyList<string> Inputs(JsonNode? input) => input switch
    {
        JsonArray many => [.. many.Select(Text)],
        JsonValue one => [Text(one)],
        _ => [],
    };

    /// <summary>A vector as JSON; NaN is written as Python servers write it, which strict parsers refuse.</summary>
    public static string Json(float[] vector) =>
        $"[{string.Join(',', vector.Select(static x => float.IsFinite(x) ? x.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : "NaN"))}]";

    private static string Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() is JsonValueKind.String ? value.GetValue<string>() : node?.ToText() ?? "";

    private static float[] Normalise(float[] vector)
    {
        double length = Math.Sqrt(vector.Sum(static x => (double)x * x));
        return length == 0 ? vector : [.. vector.Select(x => (float)(x / length))];
    }
}
