using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Providers.Tools;
using Providers.Tools.Shapes;

namespace Providers.Memory.Tools;

/// <summary>The memory's handlers, written once for every door.</summary>
internal sealed class MemoryToolset : IToolset
{
    private readonly ILogger<MemoryToolset> _log;

    public MemoryToolset(IMemoryService memory, IOptions<MemoryOptions> options, TimeProvider clock, ILogger<MemoryToolset> log)
    {
        _log = log;
        MemoryFields fields = new(options.Value.Limits);
        WriteTools write = new(memory, fields, clock);
        ReadTools read = new(memory);
        LinkTools links = new(memory);
        TransactionTool transaction = new(memory, fields, clock);
        Tools =
        [
            Make(write.StoreSpec, write.StoreAsync),
            Make(ReadTools.SearchSpec, read.SearchAsync),
            Make(ReadTools.GetSpec, read.GetAsync),
            Make(write.UpdateSpec, write.UpdateAsync),
            Make(DeleteTool.Spec, new DeleteTool(memory).RunAsync),
            Make(ReadTools.ListSpec, read.ListAsync),
            Make(StatsTool.Spec, new StatsTool(memory).RunAsync),
            Make(transaction.Spec, transaction.RunAsync),
            Make(LinkTools.RelatedSpec, links.RelatedAsync),
            Make(LinkTools.LinkSpec, links.LinkAsync),
        ];
    }

    public string Name => "memory";

    public IReadOnlyList<AIFunction> Tools { get; }

    private ToolFunction Make(ToolSpec spec, Func<ToolRequest, CancellationToken, ValueTask<System.Text.Json.JsonElement>> run) =>
        new(spec, run, MemoryToolErrors.Explain, _log.ToolFailed);
}
