using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Providers.Tools.Shapes;

/// <summary>What one tool is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does and when to use it, for a model.</param>
/// <param name="Input">Its arguments.</param>
/// <param name="Output">Its result.</param>
/// <param name="Hints">What else doors say of it.</param>
internal sealed record ToolSpec(string Name, string Description, ObjectShape Input, ObjectShape Output, ToolHints Hints);

/// <summary>One handler: checks the arguments, runs, and turns failures into those a caller may see.</summary>
/// <param name="spec">What it is.</param>
/// <param name="run">The handler; gives a JSON object of the shape of the spec's output.</param>
/// <param name="explain">Turns a failure into one the caller may see; <see langword="null"/> from it: only the operator can mend it.</param>
/// <param name="report">Logs what only the operator can mend, with the reference the caller is given.</param>
internal sealed class ToolFunction(
    ToolSpec spec, Func<ToolRequest, CancellationToken, ValueTask<JsonElement>> run, Func<Exception, ToolException?> explain, Action<Exception, string, string> report) : AIFunction
{
    private readonly IReadOnlyDictionary<string, object?> _properties = new Dictionary<string, object?> { [ToolHints.Key] = spec.Hints };

    public override string Name => spec.Name;

    public override string Description => spec.Description;

    public override JsonElement JsonSchema { get; } = spec.Input.ToSchema();

    public override JsonElement? ReturnJsonSchema { get; } = spec.Output.ToSchema();

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => _properties;

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ToolRequest request = ToolRequest.Read(spec.Input, arguments);
        if (!request.Caller.May(spec.Hints.Scope))
        {
            throw new ToolException(ToolErrorCode.PermissionDenied, $"{spec.Name} needs the scope {spec.Hints.Scope}, which the caller does not have.");
        }

        try
        {
            return await run(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not ToolException && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            if (explain(e) is { } known)
            {
                throw known;
            }

            string reference = Activity.Current?.TraceId.ToString() ?? Guid.CreateVersion7().ToString("N");
            report(e, spec.Name, reference);
            throw new ToolException(ToolErrorCode.Unavailable, $"{spec.Name} could not be carried out; try again later. The host's log has the cause under {reference}.", e);
        }
    }
}
