using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Providers.Conformance.Orchestration;
using static Providers.Conformance.Orchestration.Flows;

namespace Providers.Orchestration.Orleans.Tests;

/// <summary>The tables: made once, by many, or asked for.</summary>
public sealed class SchemaTests(PostgresServer server)
{
    [Fact]
    public async Task Silo_WithoutTables_SaysWhatIsMissingAndWhatToCall()
    {
        string database = await server.NewDatabaseAsync();
        (await StartingAsync(database).Should().ThrowAsync<OrleansConfigurationException>()).WithMessage("*table OrleansQuery, table OrleansStorage, table OrleansRemindersTable*PostgresWorkflowSchema.CreateAsync*createSchema*");
        await PostgresWorkflowSchema.CreateAsync(database);
        await PostgresServer.SqlAsync(database, "DELETE FROM OrleansQuery WHERE QueryKey = 'DeleteStorageKey'");
        (await StartingAsync(database).Should().ThrowAsync<OrleansConfigurationException>()).WithMessage("*lacks*: query DeleteStorageKey. Call*");
    }

    [Fact]
    public async Task Create_ByManyAtOnceAndAgain_MakesItOnce()
    {
        string database = await server.NewDatabaseAsync();
        (await PostgresWorkflowSchema.MissingAsync(database, default)).Should().HaveCount(3);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => PostgresWorkflowSchema.CreateAsync(database)));
        await PostgresServer.SqlAsync(database, "UPDATE OrleansQuery SET QueryText = 'mine' WHERE QueryKey = 'ReadFromStorageKey'");
        await PostgresWorkflowSchema.CreateAsync(database);
        (await PostgresWorkflowSchema.MissingAsync(database, default)).Should().BeEmpty();
        (await PostgresServer.SqlAsync(database, "SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'ReadFromStorageKey'")).Should().Be("mine", "what is there is left alone");
        await FluentActions.Awaiting(() => PostgresWorkflowSchema.CreateAsync(" ")).Should().ThrowAsync<ArgumentException>().WithParameterName("connectionString");
    }

    [Fact]
    public async Task Create_WhereNothingIsMissing_NeedsNoRightToMakeTables()
    {
        string database = await server.NewDatabaseAsync();
        string role = $"guest_{Guid.NewGuid():N}";
        await PostgresWorkflowSchema.CreateAsync(database);
        await PostgresServer.SqlAsync(database, $"CREATE ROLE {role} LOGIN");
        await PostgresServer.SqlAsync(database, $"GRANT SELECT ON OrleansQuery, OrleansStorage, OrleansRemindersTable TO {role}");
        string guest = new NpgsqlConnectionStringBuilder(database) { Username = role }.ConnectionString;
        await FluentActions.Awaiting(() => PostgresServer.SqlAsync(guest, "INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('a', 'b')")).Should().ThrowAsync<PostgresException>("this role may only read");
        await PostgresWorkflowSchema.CreateAsync(guest);
    }

    [Fact]
    public async Task Storage_OfOrleansOverOurQueries_KeepsItsPromises()
    {
        string database = await server.NewDatabaseAsync();
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup(1) { Storage = silo => silo.AddPostgresWorkflowStorage(database, createSchema: true) });
        IGrainStorage storage = cluster.Silos[0].SiloHost.Services.GetRequiredKeyedService<IGrainStorage>(OrleansWorkflowOptions.StorageName);
        DocumentStore one = new(storage, GrainId.Create("t", "1")), other = new(storage, GrainId.Create("t", "2"));
        (await one.ReadAsync("d", default)).Should().Be((null, null));
        string? first = await one.WriteAsync("d", "[1]", null, default);
        await FluentActions.Awaiting(() => one.WriteAsync("d", "[2]", null, default)).Should().ThrowAsync<InconsistentStateException>("there is one already");
        string? second = await one.WriteAsync("d", "[3]", first, default);
        await FluentActions.Awaiting(() => one.WriteAsync("d", "[4]", first, default)).Should().ThrowAsync<InconsistentStateException>("it is at another version");
        (await one.ReadAsync("d", default)).Should().Be(("[3]", second));
        (await other.ReadAsync("d", default)).Should().Be((null, null));
        (await one.ReadAsync("e", default)).Should().Be((null, null));
        (await PostgresServer.SqlAsync(database, "SELECT convert_from(payloadbinary, 'UTF8')::jsonb ->> 0 FROM OrleansStorage")).Should().Be("3", "an operator can read it");
        bool[] won = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                await other.WriteAsync("race", $"[{i}]", null, default);
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));
        won.Count(static w => w).Should().Be(1, "one first write gets through");
        await one.ClearAsync("d", default);
        await one.ClearAsync("d", default);
        await other.ClearAsync("race", default);
        (await PostgresServer.SqlAsync(database, "SELECT count(*) FROM OrleansStorage")).Should().Be(0L);
        await one.PutAsync("p", "[1]", default);
        await one.PutAsync("p", "[2]", default);
        (await one.ReadAsync("p", default)).Json.Should().Be("[2]");
    }

    [Fact]
    public async Task Workflow_FromStartToRetention_LeavesNoRow()
    {
        string database = await server.NewDatabaseAsync();
        FakeTimeProvider time = SharedCluster.NewTime();
        Cluster cluster = await Cluster.StartAsync(new ClusterSetup(1) { Time = time, Storage = silo => silo.AddPostgresWorkflowStorage(database, createSchema: true) });
        await using ClusterStage stage = new(cluster, time, owns: true);
        stage.Actors.Failures["b"] = 1;
        WorkflowSnapshot end = await stage.RunThroughWaitsAsync(Flow(Step("a"), Step("b", "a") with { Input = Json("\"{{a}} \\u0000 ü\"") }));
        end.Status.Should().Be(WorkflowStatus.Completed, end.Reason);
        end.Steps[1].Output!.Value.GetString().Should().Be("a \0 ü");
        (await stage.Engine.ListAsync(stage.Tenant)).Workflows.Should().ContainSingle().Which.Id.Should().Be(end.Id);
        (await stage.Engine.GetHistoryAsync(stage.Tenant, end.Id)).Should().HaveCount(8);
        await cluster.DeactivateAsync(end.Id);
        (await PostgresServer.SqlAsync(database, "SELECT string_agg(remindername, ',') FROM OrleansRemindersTable")).Should().Be("sweep", "an ended workflow needs no reminder");
        time.Advance(TimeSpan.FromDays(31));
        await cluster.Grains.GetGrain<IRemindable>(GrainId.Parse($"providers.workflows/{stage.Tenant}")).ReceiveReminder("by hand", new TickStatus());
        (await PostgresServer.SqlAsync(database, "SELECT string_agg(graintypestring, ',' ORDER BY graintypestring) FROM OrleansStorage")).Should().Be("page.0");
    }

    private static Func<Task> StartingAsync(string database) => async () =>
    {
        await using Cluster cluster = await Cluster.StartAsync(new ClusterSetup(1) { Storage = silo => silo.AddPostgresWorkflowStorage(database) });
    };
}
