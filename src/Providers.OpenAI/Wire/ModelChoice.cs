namespace Providers.OpenAI;

/// <summary>Finds the model of a request that names none: a declared one, or the only one the server has.</summary>
internal sealed class ModelChoice(OpenAIPlan plan, JsonHttp http, FailureRelay relay)
{
    private volatile string? _only;

    public async ValueTask<string> ChooseAsync(string? asked, ModelCapabilities capability, CancellationToken cancellationToken)
    {
        if ((string.IsNullOrWhiteSpace(asked) ? plan.DefaultFor(capability) : asked) is { } model)
        {
            return model;
        }

        if (_only is { } only)
        {
            return only;
        }

        IReadOnlyList<string> served = await http.ListModelsAsync(cancellationToken).ConfigureAwait(false) ?? [];
        return served switch
        {
            [var single] => _only = single,
            [] => throw relay.Fail(FailureKind.BadRequest, "The request names no model and the server lists none; name one in the request, or set DefaultModel."),
            _ => throw relay.Fail(FailureKind.BadRequest,
                $"The request names no model and the server has {served.Count} ({string.Join(", ", served.Take(5))}{(served.Count > 5 ? ", ..." : "")}); name one in the request, or set DefaultModel."),
        };
    }
}
