using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Providers.Conformance.Orchestration;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>Silos of a cluster over sockets and PostgreSQL: one in this process, which keeps the membership, and others in processes of their own.</summary>
internal static class SiloProcess
{
    private const string Variable = "WORKFLOW_SILO";

    /// <summary>Builds a silo whose handler <c>work</c> says what it does.</summary>
    public static IHost Build(string database, int port, int primary, Func<WorkflowStepContext, CancellationToken, ValueTask<string>> work, Action<string>? undo = null)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddWorkflowStep("work", _ => new DelegateStep(
            async (context, token) => JsonSerializer.SerializeToElement(await work(context, token)),
            (context, _) =>
            {
                undo?.Invoke(context.IdempotencyKey);
                return default;
            }));
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(port, gatewayPort: 0, new IPEndPoint(IPAddress.Loopback, primary), "workflows", "workflows")
            .Configure<ReminderOptions>(static o => o.MinimumReminderPeriod = TimeSpan.FromSeconds(1))
            .Configure<ClusterMembershipOptions>(static o => o.ProbeTimeout = TimeSpan.FromSeconds(2))
            .AddPostgresWorkflowStorage(database)
            .AddOrleansWorkflows(static o => o.ReminderSeconds = 1));
        return builder.Build();
    }

    public static Process Start(string database, int port, int primary) => Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
    {
        ArgumentList = { "--list-tests" },
        Environment = { [Variable] = string.Create(CultureInfo.InvariantCulture, $"{port}|{primary}|{database}") },
        RedirectStandardOutput = true,
        RedirectStandardInput = true,
    })!;

    /// <summary>Is a silo until this process is ended, or the one that started it is; <see langword="false"/>: this process is none.</summary>
    public static async Task<bool> RunAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('|') is not [var port, var primary, var database])
        {
            return false;
        }

        using StreamWriter lines = new(Console.OpenStandardOutput()) { AutoFlush = true };
        TextWriter safe = TextWriter.Synchronized(lines);
        using IHost host = Build(database, int.Parse(port, CultureInfo.InvariantCulture), int.Parse(primary, CultureInfo.InvariantCulture), async (context, token) =>
        {
            if (context.Step.Id == "b")
            {
                await safe.WriteLineAsync(context.IdempotencyKey);
                await new TaskCompletionSource().Task.WaitAsync(token); // never comes to its end here
            }

            return "there";
        });
        await host.StartAsync();
        await safe.WriteLineAsync("ready");
        await Console.In.ReadToEndAsync();
        return true;
    }
}

internal static class Program
{
    /// <summary>The runner's own way in, or the silo that will be killed.</summary>
    public static async Task<int> Main(string[] args) =>
        await SiloProcess.RunAsync() ? 0 : await Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
}
