using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Providers.Memory;

namespace Providers.Orchestration;

/// <summary>Checks a definition as a whole; every error is reported, each with its field.</summary>
internal sealed partial class DefinitionCheck(StepRegistry steps, WorkflowOptions options)
{
    private readonly List<string> _errors = [];

    public static void Tenant(string tenant)
    {
        if (!TenantShape().IsMatch(tenant ?? "") || new MemoryScope(tenant!).IsReserved)
        {
            throw new WorkflowValidationException([$"tenant: '{tenant}' is not 1 to 128 of A-Z a-z 0-9 . _ : -, or begins with '{MemoryScope.ReservedTenantPrefix}'."]);
        }
    }

    public void Throw(WorkflowDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Length("name", definition.Name, 1, 180);
        Length("goal", definition.Goal, 0, 4_096);
        if (definition.Deadline is { } deadline && (deadline < TimeSpan.FromSeconds(1) || deadline > TimeSpan.FromDays(365)))
        {
            _errors.Add($"deadline: {deadline} is not 1 second to 365 days.");
        }

        if (definition.IdempotencyKey is { } key && !KeyShape().IsMatch(key))
        {
            _errors.Add($"idempotency_key: has {key.Length} characters; 1 to 128 printable ASCII characters are allowed.");
        }

        if (!Enum.IsDefined(definition.Strategy))
        {
            _errors.Add($"strategy: {(int)definition.Strategy} is none of {string.Join(", ", Enum.GetNames<WorkflowStrategy>())}.");
        }

        if (definition.Steps is not { Count: >= 1 and <= 50 } all)
        {
            _errors.Add($"steps: there are {definition.Steps?.Count ?? 0}; 1 to 50 are allowed.");
        }
        else
        {
            Steps(all);
        }

        if (_errors.Count == 0)
        {
            int bytes = Encoding.UTF8.GetByteCount(JsonSerializer.Serialize(definition, WorkflowJson.Default.WorkflowDefinition));
            if (bytes > options.DocumentBytes)
            {
                _errors.Add($"definition: {bytes} bytes of JSON; {options.DocumentBytes} are allowed.");
            }
        }

        if (_errors.Count > 0)
        {
            throw new WorkflowValidationException([.. _errors]);
        }
    }

    private void Steps(IReadOnlyList<WorkflowStep> all)
    {
        HashSet<string> ids = new(all.Select(static s => s.Id), StringComparer.Ordinal);
        foreach (IGrouping<string, WorkflowStep> same in all.GroupBy(static s => s.Id, StringComparer.Ordinal).Where(static g => g.Count() > 1))
        {
            _errors.Add($"steps: {same.Count()} have the id '{same.Key}'; each needs its own.");
        }

        foreach (WorkflowStep step in all)
        {
            Step(step, ids);
        }

        if (all.Any(static s => s.Id is null || s.DependsOn is null))
        {
            return; // nothing follows from what is missing
        }

        StepGraph graph = new([.. all.Select(static s => (s.Id, s.DependsOn))]);
        string[] circle = [.. all.Where((_, i) => graph.Levels[i] < 0).Select(static s => s.Id)];
        if (circle.Length > 0)
        {
            _errors.Add($"steps: '{string.Join("', '", circle)}' depend on each other in a circle.");
            return;
        }

        for (int i = 0; i < all.Count; i++)
        {
            foreach (string name in InputTemplate.NamesIn(all[i].Input).Where(n => ids.Contains(n) && !graph.Ancestors(i).Any(a => all[a].Id == n)))
            {
                _errors.Add($"steps.{all[i].Id}.input: asks for the output of '{name}', but does not depend on it; add it to depends_on.");
            }
        }
    }

    private void Step(WorkflowStep step, HashSet<string> ids)
    {
        string field = $"steps.{step.Id}";
        if (!IdShape().IsMatch(step.Id ?? "") || step.Id == InputTemplate.Context)
        {
            _errors.Add($"{field}.id: '{step.Id}' is not 1 to 64 of A-Z a-z 0-9 . _ -, other than '{InputTemplate.Context}'.");
        }

        Length(field + ".name", step.Name, 0, 160);
        if (!steps.Has(step.Handler ?? ""))
        {
            _errors.Add($"{field}.handler: '{step.Handler}' is not registered here; there are: {string.Join(", ", steps.Names.Order(StringComparer.Ordinal))}.");
        }

        if (step.DependsOn is not { Count: <= 32 } needs)
        {
            _errors.Add($"{field}.depends_on: there are {step.DependsOn?.Count ?? 0}; at most 32 are allowed.");
        }
        else
        {
            _errors.AddRange(needs.Where(n => !ids.Contains(n)).Select(n => $"{field}.depends_on: there is no step '{n}'."));
        }

        if (step.MaxAttempts is < 1 or > 10)
        {
            _errors.Add($"{field}.max_attempts: {step.MaxAttempts} is not 1 to 10.");
        }

        if (step.RetryDelay < TimeSpan.Zero || step.RetryDelay > TimeSpan.FromHours(1))
        {
            _errors.Add($"{field}.retry_delay: {step.RetryDelay} is not 0 to 1 hour.");
        }

        if (step.Timeout < TimeSpan.FromMilliseconds(1) || step.Timeout > TimeSpan.FromHours(24))
        {
            _errors.Add($"{field}.timeout: {step.Timeout} is not 1 millisecond to 24 hours.");
        }
    }

    private void Length(string field, string? text, int least, int most)
    {
        if ((text?.Length ?? 0) < least || text?.Length > most)
        {
            _errors.Add($"{field}: has {text?.Length ?? 0} characters; {least} to {most} are allowed.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._:-]{1,128}\z")]
    private static partial Regex TenantShape();

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex IdShape();

    [GeneratedRegex(@"\A[\x20-\x7E]{1,128}\z")]
    private static partial Regex KeyShape();
}
