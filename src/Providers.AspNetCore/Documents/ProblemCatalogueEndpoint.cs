using Providers.AspNetCore.Admin;
using Providers.AspNetCore.Errors;
using Providers.AspNetCore.Pipeline;
using Providers.AspNetCore.Reading;

namespace Providers.AspNetCore.Documents;

internal sealed record ProblemTypeListView(IReadOnlyList<ProblemTypeView> Problems);

/// <summary>What a problem's type means.</summary>
internal sealed record ProblemTypeView(string Type, int Status, string Title, bool Retryable, string Advice);

/// <summary>GET /problems: the addresses that problems give as their type lead here.</summary>
internal static class ProblemCatalogueEndpoint
{
    public static IEnumerable<Operation> Create()
    {
        yield return new Operation("listProblems", "GET", "/problems", GatewayScopes.None, ListAsync)
        {
            Limited = false,
            Docs = new OperationDocs("Problems", "Lists every type of problem this API answers with.") { Response = AdminJson.Default.ProblemTypeListView },
        };
        yield return new Operation("getProblem", "GET", "/problems/{code}", GatewayScopes.None, GetAsync)
        {
            Limited = false,
            Docs = new OperationDocs("Problems", "Says what a type of problem means.")
            {
                Response = AdminJson.Default.ProblemTypeView,
                ErrorCodes = ["not_found"],
                Parameters = [new ParameterDocs("code", "path", "The problem's code.") { Required = true, Example = "not_found" }],
            },
        };
    }

    private static Task ListAsync(Exchange exchange) =>
        JsonAnswer.SendAsync(exchange, new ProblemTypeListView([.. ErrorCatalogue.All.Select(View)]), AdminJson.Default.ProblemTypeListView);

    private static Task GetAsync(Exchange exchange) => JsonAnswer.SendAsync(
        exchange, View(ErrorCatalogue.Find(exchange.Route("code")) ?? throw new ApiException("not_found", "There is no such problem.")), AdminJson.Default.ProblemTypeView);

    private static ProblemTypeView View(ErrorType type) => new($"/problems/{type.Code}", type.Status, type.Title, type.Retryable, type.Advice);
}
