using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Providers.Conformance.Orchestration;
using Providers.Memory;

namespace Providers.Orchestration.Tests;

/// <summary>Child processes die by kill -9 in the middle of plans; whoever comes after brings each plan to its end. WORKFLOW_KILLS sets how many, LONG_SEED when.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Engine_KilledInTheMiddleOfPlans_EachEndsWholeOrUndone()
    {
        int kills = Environment.GetEnvironmentVariable("WORKFLOW_KILLS") is { Length: > 0 } many ? int.Parse(many, CultureInfo.InvariantCulture) : 20;
        int seed = Environment.GetEnvironmentVariable("LONG_SEED") is { Length: > 0 } first ? int.Parse(first, CultureInfo.InvariantCulture) : 0;
        string folder = Directory.CreateTempSubdirectory("workflow-kill").FullName;
        try
        {
            HashSet<string> acknowledged = [];
            for (int round = 0; round < kills; round++)
            {
                using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
                {
                    ArgumentList = { "--list-tests" },
                    Environment = { ["WORKFLOW_KILL_CHILD"] = folder, ["WORKFLOW_KILL_ROUND"] = round.ToString(CultureInfo.InvariantCulture), ["DOTNET_TieredPGO"] = "0" },
                    RedirectStandardOutput = true,
                })!;
                int lines = new Random(seed + round).Next(1, 15);
                for (int i = 0; i < lines && child.StandardOutput.ReadLine() is { } line; i++)
                {
                    Note(line);
                }

                child.Kill();
                child.WaitForExit();
                while (child.StandardOutput.ReadLine() is { } line)
                {
                    Note(line);
                }
            }

            acknowledged.Should().NotBeEmpty();
            await using ServiceProvider services = KillChild.Host(folder);
            await KillChild.Start(services);
            IWorkflowEngine engine = services.GetRequiredService<IWorkflowEngine>();
            List<WorkflowSnapshot> all = [];
            string? cursor = null;
            do
            {
                (IReadOnlyList<WorkflowSnapshot> page, cursor) = await engine.ListAsync(KillChild.Tenant, 200, cursor);
                all.AddRange(page);
            }
            while (cursor is not null);

            acknowledged.Should().BeSubsetOf(all.Select(static w => w.Id), "a start that was acknowledged is not forgotten");
            int completed = 0;
            foreach (WorkflowSnapshot open in all)
            {
                using CancellationTokenSource patience = new(TimeSpan.FromSeconds(120));
                WorkflowSnapshot end = (await engine.WaitAsync(KillChild.Tenant, open.Id, patience.Token))!;
                end.IsEnded.Should().BeTrue("{0} is {1}", end.Id, end.Status);
                bool whole = end.Status is WorkflowStatus.Completed;
                completed += whole ? 1 : 0;
                foreach (WorkflowStepSnapshot step in end.Steps)
                {
                    File.Exists(KillChild.Effect(folder, end.Id, step.Id)).Should().Be(whole, "seed {4}: workflow {0} is {1}, so step {2} {3}", end.Id, end.Status, step.Id, whole ? "had its effect" : "has none left", seed);
                }

                IReadOnlyList<WorkflowEvent> history = await engine.GetHistoryAsync(KillChild.Tenant, end.Id);
                history.Select(static e => e.Sequence).Should().Equal(Enumerable.Range(1, history.Count).Select(static i => (long)i));
            }

            output.WriteLine($"long: {kills} kills in plans from seed {seed}, {all.Count} plans, {acknowledged.Count} acknowledged, {completed} completed, {all.Count - completed} undone");

            void Note(string line)
            {
                if (line.EndsWith('.'))
                {
                    acknowledged.Add(line[..^1]);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
