namespace Providers.OpenAI;

/// <summary>Finds the model of a request that names none: a declared one, or the only one the server has.</summary>
internal sealed class ModelChoice(OpenAIPlan plan, JsonHttp http, FailureRelay relay)
{
    private volatile Only? _only;

    public async ValueTask<string> ChooseAsync(string? asked, ModelCapabilities capability, CancellationToken cancellationToken)
    {
        if ((string.IsNullOrWhiteSpace(asked) ? plan.DefaultFor(capability) : asked) is { } model)
        {
            return model;
        }

        int missing = relay.ModelsMissing;
        if (_only is { } only && only.ModelsMissing == missing)
        {
            return only.Name;
        }

        IReadOnlyList<string> served = await http.ListModelsAsync(cancellationToken).ConfigureAwait(false) ?? [];
        return served switch
        {
            [var single] => (_only = new Only(single, missing)).Name,
            [] => throw relay.Fail(FailureKind.BadRequest, "The request names no model and the server lists none; name one in the request, or set DefaultModel."),
            _ => throw relay.Fail(FailureKind.BadRequest,
                $"The request names no model and the server has {served.Count} ({string.Join(", ", served.Take(5))}{(served.Count > 5 ? ", ..." : "")}); name one in the request, or set DefaultModel."),
        };
    }

    /// <summary>The server's only model, good until the server says that it lacks one: it may have been started anew with another.</summary>
    private sealed record Only(string Name, int ModelsMissing);
}
