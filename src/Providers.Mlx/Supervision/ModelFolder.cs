using System.Text.Json;

namespace Providers.Mlx;

/// <summary>Tells a model's folder from a Hugging Face id, and a whole folder from one that cannot be loaded.</summary>
internal static class ModelFolder
{
    /// <summary>The absolute path of a folder; an id as it is. The server takes relative paths from its own working folder.</summary>
    public static string Resolve(string model)
    {
        if (model is "~" || model.StartsWith("~/", StringComparison.Ordinal))
        {
            model = Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), model[1..]);
        }

        return IsFolder(model) || Directory.Exists(model) ? Path.GetFullPath(model) : model;
    }

    public static bool IsFolder(string model) =>
        Path.IsPathRooted(model) || model.StartsWith("./", StringComparison.Ordinal) || model.StartsWith("../", StringComparison.Ordinal);

    /// <summary>Says what a folder lacks; <see langword="null"/> when it can be loaded.</summary>
    public static string? Lacks(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return $"The model folder '{folder}' does not exist. Set Launch:Model to a folder with a converted model, or to a Hugging Face id.";
        }

        string? missing = !File.Exists(Path.Join(folder, "config.json")) ? "config.json"
            : !Directory.EnumerateFiles(folder, "*.safetensors").Any() ? "*.safetensors"
            : !Directory.EnumerateFiles(folder, "tokenizer*").Any() ? "tokenizer.json, tokenizer.model or tokenizer_config.json"
            : null;
        return missing is null ? null : $"The model folder '{folder}' has no {missing}. Convert the model with 'mlx_lm.convert' or download one from mlx-community.";
    }

    /// <summary>The most tokens the model's positions reach, from its <c>config.json</c>; <see langword="null"/> when that does not say.</summary>
    public static int? ContextWindow(string folder)
    {
        try
        {
            using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Join(folder, "config.json")));
            JsonElement root = config.RootElement;
            JsonElement text = root.TryGetProperty("text_config", out JsonElement inner) ? inner : root;
            return text.TryGetProperty("max_position_embeddings", out JsonElement positions) && positions.TryGetInt32(out int window) && window > 0 ? window : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
