namespace Providers.Mlx;

/// <summary>What an error of an MLX server means: the text says it, because <c>mlx_lm.server</c> answers 404 to everything that goes wrong before a token.</summary>
internal static class MlxErrorText
{
    private static readonly string[] Missing =
    [
        "Repository Not Found", "not a valid model", "No such file", "config.json", "offline mode", "HF_HUB_OFFLINE",
        "Cannot find", "Failed to load embedding model", "local_files_only", "outgoing traffic has been disabled",
    ];

    private static readonly string[] Memory = ["malloc", "out of memory", "Insufficient Memory", "Resource limit"];

    private static readonly string[] TooLong =
    [
        "embedding_input_too_long", "context length", "context_length_exceeded", "exceed_context_size", "max prompt token limit", "maximum context",
    ];

    /// <summary>Classifies an answer that is no success; an unknown path means that the server does not embed where it was asked to.</summary>
    public static ProviderFailure Classify(int? status, string body, bool embeds = false)
    {
        MlxErrorBody error = MlxErrorBody.Read(body);
        return new ProviderFailure(KindOf(status, error), MessageOf(status, error.Message))
        {
            Status = status,
            Code = error.Code,
            PromptTokens = error.PromptTokens,
            ContextWindow = error.ContextWindow,
            MissingCapability = MissingOf(status, error.Message, embeds),
        };
    }

    /// <summary>Classifies an error inside a success, whose status, if any, is its code; one without is a fault of the server.</summary>
    public static ProviderFailure ClassifyEvent(string body)
    {
        MlxErrorBody error = MlxErrorBody.Read(body);
        return Classify(error.Status ?? 500, body) with { Status = error.Status };
    }

    private static FailureKind KindOf(int? status, MlxErrorBody error)
    {
        if (Has(error.Message, TooLong) || (error.Code is { } code && Has(code, TooLong)))
        {
            return FailureKind.ContextLengthExceeded;
        }

        if (Has(error.Message, Memory))
        {
            return FailureKind.Overloaded;
        }

        if (Has(error.Message, Missing))
        {
            return FailureKind.ModelMissing;
        }

        return status switch
        {
            401 or 403 => FailureKind.AuthFailed,
            402 => FailureKind.QuotaExhausted,
            429 => FailureKind.RateLimited,
            503 => error.Message.Contains("loading", StringComparison.OrdinalIgnoreCase) ? FailureKind.ModelLoading : FailureKind.Overloaded,
            408 or 409 or 499 or >= 500 => FailureKind.Transient,
            >= 400 => FailureKind.BadRequest,
            _ => FailureKind.Unknown,
        };
    }

    private static string MessageOf(int? status, string message) => message.Trim() switch
    {
        "" => status is null ? "The server gave no reason." : $"The server answered {status} without a reason.",
        "Not Found" => "The server does not have this path: check BaseUrl; mlx_lm.server itself has no embeddings.",
        var text => text.Length > 500 ? text[..500] : text,
    };

    private static ModelCapabilities MissingOf(int? status, string message, bool embeds) =>
        status is >= 400 && message.Contains("Only 'text' content type", StringComparison.Ordinal) ? ModelCapabilities.Vision
        : embeds && status is 404 && message.Trim() is "Not Found" or "" ? ModelCapabilities.Embeddings
        : ModelCapabilities.None;

    private static bool Has(string text, string[] words) => words.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
