using System.Text.RegularExpressions;
using Providers.Http;

namespace Providers.Ollama;

/// <summary>What Ollama's error texts mean; it tells most by text alone.</summary>
internal static partial class OllamaFailures
{
    private static readonly string[] OutOfMemory =
        ["out of memory", "out-of-memory", "cudaMalloc failed", "failed to allocate", "insufficient memory", "unable to load full model", "requires more system memory"];

    private static readonly string[] Context =
        ["exceed_context_size_error", "context length", "context size", "prompt is longer than"];

    private static readonly string[] Runner =
        ["do embedding request", "unexpected server status", "error reading embed response", "EOF", "llama-server process has terminated",
            "model runner has unexpectedly stopped", "error was encountered while running the model"];

    public static ProviderFailure? Classify(WireError error)
    {
        string text = error.Body;
        string message = error.Message ?? (text.Length > 0 ? "The server gave an error without a message." : $"The server answered {error.Status} without a body.");
        ProviderFailure Failure(FailureKind kind) => new(kind, message)
        {
            Status = error.InStream ? null : error.Status,
            Code = error.Code ?? error.Type,
            RetryAfter = error.RetryAfter,
            RequestId = error.RequestId,
        };

        if (error.IsPage)
        {
            return null;
        }

        if (error.InStream && Any(text, Runner))
        {
            return Failure(FailureKind.ConnectionLost); // whatever ended the runner, this answer is lost
        }

        if (Any(text, OutOfMemory))
        {
            return Failure(FailureKind.Overloaded);
        }

        if (Any(text, Context))
        {
            return Failure(FailureKind.ContextLengthExceeded) with { PromptTokens = Number(PromptTokens(), text), ContextWindow = Number(ContextWindow(), text) };
        }

        if (text.Contains("does not support", StringComparison.Ordinal))
        {
            return Failure(FailureKind.BadRequest) with { MissingCapability = CapabilityIn(text) };
        }

        if (text.Contains("timed out waiting for llama-server to start", StringComparison.Ordinal))
        {
            return Failure(FailureKind.ModelLoading);
        }

        if (text.Contains("maximum pending requests exceeded", StringComparison.Ordinal))
        {
            return Failure(FailureKind.Overloaded);
        }

        if (text.Contains("NaN or Inf", StringComparison.Ordinal))
        {
            return Failure(FailureKind.Unknown);
        }

        if (text.Contains("file does not exist", StringComparison.Ordinal) || (text.Contains("not found", StringComparison.Ordinal) && text.Contains("model", StringComparison.Ordinal)))
        {
            return Failure(FailureKind.ModelMissing);
        }

        if (Any(text, Runner))
        {
            return Failure(FailureKind.Transient);
        }

        return error.Status switch
        {
            401 => Failure(FailureKind.AuthFailed),
            403 when text.Length == 0 => new ProviderFailure(FailureKind.BadRequest,
                "The server refused the Host header (403, no body): set OLLAMA_HOST or OLLAMA_ORIGINS on the server, or use an address it knows.")
            { Status = 403 },
            403 => Failure(FailureKind.AuthFailed),
            402 => Failure(FailureKind.QuotaExhausted),
            429 => Failure(FailureKind.RateLimited),
            499 => Failure(FailureKind.Cancelled),
            503 => Failure(FailureKind.Overloaded),
            501 => Failure(FailureKind.BadRequest) with { MissingCapability = ModelCapabilities.Embeddings },
            404 or (>= 400 and < 500) => Failure(FailureKind.BadRequest),
            >= 500 => Failure(FailureKind.Transient),
            _ when error.InStream => Failure(FailureKind.ConnectionLost),
            _ => null,
        };
    }

    /// <summary>Names the model, and for a missing one the command that gets it.</summary>
    public static ProviderException Name(ProviderException error, string provider, string? model)
    {
        ProviderFailure failure = error.Failure;
        if (failure.Kind is FailureKind.ModelMissing && model is not null)
        {
            failure = new ProviderFailure(FailureKind.ModelMissing, $"The server does not have the model '{model}' ({failure.Message}). Get it with: ollama pull {model}")
            {
                Status = failure.Status,
                Code = failure.Code,
            };
        }

        return new ProviderException(failure, provider, model, error.InnerException ?? error);
    }

    private static bool Any(string text, string[] parts) => Array.Exists(parts, p => text.Contains(p, StringComparison.OrdinalIgnoreCase));

    private static ModelCapabilities CapabilityIn(string text) =>
        text.Contains("support tools", StringComparison.Ordinal) ? ModelCapabilities.Tools
        : text.Contains("support thinking", StringComparison.Ordinal) ? ModelCapabilities.Reasoning
        : text.Contains("support chat", StringComparison.Ordinal) || text.Contains("support generate", StringComparison.Ordinal) ? ModelCapabilities.Chat
        : text.Contains("image", StringComparison.Ordinal) || text.Contains("vision", StringComparison.Ordinal) ? ModelCapabilities.Vision
        : text.Contains("embed", StringComparison.Ordinal) ? ModelCapabilities.Embeddings
        : ModelCapabilities.Chat;

    private static int? Number(Regex pattern, string text) =>
        pattern.Match(text) is { Success: true } match && int.TryParse(match.Groups[1].ValueSpan, out int number) ? number : null;

    [GeneratedRegex(@"n_prompt_tokens\W+(\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex PromptTokens();

    [GeneratedRegex(@"n_ctx\W+(\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex ContextWindow();
}
