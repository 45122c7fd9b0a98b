namespace Providers.Operations.Tests;

/// <summary>Tests that listen to metrics or measure the process, one at a time: OpenTelemetry listens to every meter of a process, whoever made it.</summary>
[CollectionDefinition(nameof(OneHost), DisableParallelization = true)]
public sealed class OneHost;
