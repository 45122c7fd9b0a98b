using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Providers.Tools.Shapes;

namespace Providers.Tools;

/// <summary>The composite's handlers, written once for every door.</summary>
internal sealed class ProviderToolset : IToolset
{
    private readonly ILogger<ProviderToolset> _log;

    public ProviderToolset(IChatClient chat, IEmbeddingGenerator<string, Embedding<float>> embeddings, IProviderCatalog catalog, ILogger<ProviderToolset> log)
    {
        _log = log;
        CatalogTools shown = new(catalog);
        Tools =
        [
            Make(ChatTool.Spec, new ChatTool(chat).RunAsync),
            Make(EmbedTool.Spec, new EmbedTool(embeddings).RunAsync),
            Make(CatalogTools.ModelsSpec, shown.ListAsync),
            Make(CatalogTools.StatusSpec, shown.StatusAsync),
            Make(CatalogTools.ExplainSpec, shown.ExplainAsync),
        ];
    }

    public string Name => "providers";

    public IReadOnlyList<AIFunction> Tools { get; }

    private ToolFunction Make(ToolSpec spec, Func<ToolRequest, CancellationToken, ValueTask<JsonElement>> run) => new(spec, run, ProviderToolErrors.Explain, _log.ToolFailed);
}

internal static partial class ProviderToolLog
{
    [LoggerMessage(EventId = 190, Level = LogLevel.Error, Message = "{Tool} failed; its caller was given the reference {Reference}.")]
    public static partial void ToolFailed(this ILogger logger, Exception exception, string tool, string reference);
}
