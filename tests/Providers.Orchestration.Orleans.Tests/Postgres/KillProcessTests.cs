using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>A silo in a process of its own dies by kill -9, with plans in PostgreSQL.</summary>
public sealed class KillProcessTests(PostgresServer server, ITestOutputHelper output)
{
    private const string Tenant = "acme";

    [Fact]
    public async Task Process_KilledInTheMiddleOfPlans_EachEndsElsewhereWithEveryStepAcknowledgedOnce()
    {
        string database = await server.NewDatabaseAsync();
        await PostgresWorkflowSchema.CreateAsync(database);
        ConcurrentQueue<string> done = [], undone = [];
        (int here, int there) = FreePorts();
        using IHost host = SiloProcess.Build(database, here, here, (context, _) =>
        {
            done.Enqueue(context.IdempotencyKey);
            return new("here");
        }, undone.Enqueue);
        await host.StartAsync();
        IWorkflowEngine engine = host.Services.GetRequiredService<IWorkflowEngine>();
        using Process process = SiloProcess.Start(database, there, here);
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(6));
        (await process.StandardOutput.ReadLineAsync(patience.Token)).Should().Be("ready");

        // Plans are started until the other process is in the middle of some of each kind: with a step that may be repeated, and with one that may not.
        List<(string Id, bool Repeats)> plans = [];
        HashSet<string> caught = [];
        Task<string?> line = process.StandardOutput.ReadLineAsync(patience.Token).AsTask();
        while (caught.Count < 4 || plans.Where(p => caught.Contains(p.Id)).Select(static p => p.Repeats).Distinct().Count() < 2)
        {
            bool repeats = plans.Count % 2 == 0;
            WorkflowDefinition plan = Flow(Work("a"), Work("b", "a") with { Repeatable = repeats }, Work("c", "b"));
            plans.Add(((await engine.StartAsync(Tenant, plan, cancellationToken: patience.Token)).Id, repeats));
            await Task.WhenAny(line, engine.WaitAsync(Tenant, plans[^1].Id, patience.Token));
            if (line.IsCompleted)
            {
                caught.Add((await line)!.Split('/')[0]);
                line = process.StandardOutput.ReadLineAsync(patience.Token).AsTask();
            }
        }

        process.Kill();
        await process.WaitForExitAsync(patience.Token);
        foreach ((string id, bool repeats) in plans)
        {
            WorkflowSnapshot end = (await engine.WaitAsync(Tenant, id, patience.Token))!;
            IReadOnlyList<WorkflowEvent> history = await engine.GetHistoryAsync(Tenant, id, patience.Token);
            history.Select(static e => e.Sequence).Should().Equal(Enumerable.Range(1, history.Count).Select(static i => (long)i));
            string[] acknowledged = [.. history.Where(static e => e.What == "step.completed").Select(static e => e.Step!)];
            if (repeats || !caught.Contains(id))
            {
                end.Status.Should().Be(WorkflowStatus.Completed, end.Reason);
                acknowledged.Should().Equal("a", "b", "c");
                end.Steps.Select(static s => s.Output!.Value.GetString()).Should().Equal(caught.Contains(id) ? "there" : "here", "here", "here");
                end.Steps[1].Attempts.Should().Be(caught.Contains(id) ? 2 : 1);
            }
            else
            {
                end.Status.Should().Be(WorkflowStatus.Failed);
                acknowledged.Should().Equal("a");
                end.Steps.Select(static s => s.Status).Should().Equal(WorkflowStepStatus.Compensated, WorkflowStepStatus.Compensated, WorkflowStepStatus.Skipped);
                done.Should().NotContain($"{id}/b", "it may have had its effect in the process that died");
                undone.Where(u => u.StartsWith(id, StringComparison.Ordinal)).Should().Equal($"{id}/b", $"{id}/a");
            }
        }

        output.WriteLine($"{plans.Count} plans, {caught.Count} in the process that was killed");
        await host.StopAsync(patience.Token);
    }

    private static WorkflowStep Work(string id, params string[] needs) => new() { Id = id, Handler = "work", DependsOn = needs };

    private static (int First, int Second) FreePorts()
    {
        // Outside the range from which the system gives ports to clients and to those who ask for any: they stay free until the silos have them.
        while (true)
        {
            int port = Random.Shared.Next(20_000, 32_000);
            using TcpListener one = new(IPAddress.Loopback, port), two = new(IPAddress.Loopback, port + 1);
            try
            {
                one.Start();
                two.Start();
                return (port, port + 1);
            }
            catch (SocketException)
            {
                // Somebody has one of them.
            }
        }
    }
}
