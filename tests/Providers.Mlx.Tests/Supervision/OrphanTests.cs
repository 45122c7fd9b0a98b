using System.Diagnostics;

namespace Providers.Mlx.Tests;

public sealed class OrphanTests
{
    private static readonly string PlainServer = Path.Join(AppContext.BaseDirectory, "Stub", "plain_server.py");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HostKilled_ServerEndsByItself()
    {
        using StubServer stub = new();
        using Process host = ChildHost.Start(stub);
        int server = await ReadyAsync(host);
        using Process grandchild = Process.GetProcessById(server);
        host.Kill();
        await grandchild.WaitForExitAsync(Stop);
        StubServer.IsAlive(server).Should().BeFalse();
    }

    [Fact]
    public async Task HostEnds_ServerIsStopped()
    {
        using StubServer stub = new();
        using Process host = ChildHost.Start(stub);
        int server = await ReadyAsync(host);
        host.StandardInput.Close();
        (await host.StandardOutput.ReadLineAsync(Stop)).Should().Be("stopped");
        StubServer.IsAlive(server).Should().BeFalse();
        await host.WaitForExitAsync(Stop);
    }

    [Fact]
    public async Task HostKilled_CommandWithoutBootstrap_IsEndedAtTheNextStart()
    {
        using StubServer stub = new();
        using Process host = ChildHost.Start(stub, PlainServer);
        int server = await ReadyAsync(host);
        host.Kill();
        await host.WaitForExitAsync(Stop);
        using Process leftover = Process.GetProcessById(server);
        leftover.HasExited.Should().BeFalse("nothing watches over a command without bootstrap");

        new LeaseStore(stub.Folder, "mlx", stub.Logger).EndLeftovers();
        await leftover.WaitForExitAsync(Stop);
        stub.Logger.Entries.Should().Contain(e => e.Id == 511);
        Directory.EnumerateFiles(stub.Folder, "*.lease").Should().BeEmpty();
    }

    [Fact]
    public async Task HostExitsWithoutDisposing_CommandWithoutBootstrap_IsTerminated()
    {
        using StubServer stub = new();
        using Process host = ChildHost.Start(stub, PlainServer);
        int server = await ReadyAsync(host);
        using Process grandchild = Process.GetProcessById(server);
        await host.StandardInput.WriteAsync("exit");
        host.StandardInput.Close();
        await host.WaitForExitAsync(Stop);
        await grandchild.WaitForExitAsync(Stop);
        StubServer.IsAlive(server).Should().BeFalse();
    }

    [Fact]
    public async Task Lease_AnyMismatch_LeavesTheProcessAlone()
    {
        using StubServer stub = new();
        using Process bystander = Process.Start(new ProcessStartInfo("python3", ["-c", "import sys; print('up', flush=True); sys.stdin.read()"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        try
        {
            (await bystander.StandardOutput.ReadLineAsync(Stop)).Should().Be("up", "where python3 is a script, its command changes until then");
            ServerLease lease = ServerLease.Of(bystander.Id)! with { OwnerId = int.MaxValue };
            lease.Matches().Should().BeTrue();
            LeaseStore store = new(stub.Folder, "mlx", stub.Logger);
            ServerLease[] others =
            [
                lease with { StartedAt = lease.StartedAt - 60_000 },
                lease with { CommandHash = "00" },
                lease with { ProcessId = int.MaxValue },
                ServerLease.Of(bystander.Id)!, // its host, this test, lives
            ];
            for (int i = 0; i < others.Length; i++)
            {
                await File.WriteAllTextAsync(Path.Join(stub.Folder, $"mlx-mlx-{i}.lease"), others[i].ToJson(), Stop);
            }

            await File.WriteAllTextAsync(Path.Join(stub.Folder, "mlx-mlx-9.lease"), "{ half", Stop);
            store.EndLeftovers();
            bystander.HasExited.Should().BeFalse();
            Directory.EnumerateFiles(stub.Folder, "*.lease").Should().ContainSingle("the living host's lease stays");
            stub.Logger.Entries.Should().Contain(e => e.Id == 512);
        }
        finally
        {
            bystander.StandardInput.Close();
            await bystander.WaitForExitAsync(Stop);
        }
    }

    [Fact]
    public async Task Command_WithoutBootstrap_IsTerminatedAndItsLeaseCleared()
    {
        using StubServer stub = new("", AsCommand);
        stub.Launch.StateDirectory.Should().NotBeNull();
        await stub.Supervisor.WaitReadyAsync(Stop);
        string folder = stub.Launch.StateDirectory!;
        Directory.EnumerateFiles(folder, "*.lease").Should().ContainSingle();
        await stub.Supervisor.DisposeAsync();
        Directory.EnumerateFiles(folder, "*.lease").Should().BeEmpty();
        Directory.Delete(folder);
    }

    [Fact]
    public async Task Command_IgnoresSigterm_IsKilled()
    {
        using StubServer stub = new("ignores-signals", o =>
        {
            AsCommand(o);
            o.StateDirectory = null;
            o.StopTimeout = TimeSpan.FromMilliseconds(300);
        });
        await stub.Supervisor.WaitReadyAsync(Stop);
        int id = stub.ProcessIds.Single();
        await stub.Supervisor.DisposeAsync();
        StubServer.IsAlive(id).Should().BeFalse();
    }

    [Fact]
    public void Lease_FolderCannotBeWritten_IsLoggedNotThrown()
    {
        string file = Path.GetTempFileName();
        ListLogger logger = new();
        LeaseStore store = new(Path.Join(file, "below"), "mlx", logger);
        store.EndLeftovers();
        store.Write(Environment.ProcessId);
        store.Write(int.MaxValue);
        logger.Entries.Should().ContainSingle(e => e.Id == 512);
        File.Delete(file);
    }

    private static void AsCommand(MlxLaunchOptions launch)
    {
        launch.Command = "python3";
        launch.Arguments.Add(PlainServer);
        launch.Arguments.Add("{port}");
        launch.StateDirectory = Directory.CreateTempSubdirectory("mlx-lease-").FullName;
    }

    private static async Task<int> ReadyAsync(Process host)
    {
        string? line = await host.StandardOutput.ReadLineAsync(Stop);
        line.Should().StartWith("ready ");
        return int.Parse(line!["ready ".Length..]);
    }
}
