using Npgsql;
using Orleans.Runtime;

namespace Providers.Orchestration.Orleans;

/// <summary>Looks at the tables before Orleans' providers do, which would only say that a relation does not exist.</summary>
internal sealed class SchemaCheck(string connectionString, bool create) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(SchemaCheck), ServiceLifecycleStage.RuntimeInitialize, CheckAsync);
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (create)
        {
            await PostgresWorkflowSchema.CreateAsync(connectionString, cancellationToken).ConfigureAwait(false);
        }
        else if (await PostgresWorkflowSchema.MissingAsync(connectionString, cancellationToken).ConfigureAwait(false) is { Count: > 0 } missing)
        {
            NpgsqlConnectionStringBuilder server = new(connectionString);
            throw new OrleansConfigurationException(
                $"The database '{server.Database}' at '{server.Host}' lacks what Orleans needs to keep workflows: {string.Join(", ", missing)}. "
                + "Call PostgresWorkflowSchema.CreateAsync once with a role that may make tables, or AddPostgresWorkflowStorage with createSchema: true, or run Orleans' own scripts for PostgreSQL first.");
        }
    }
}
