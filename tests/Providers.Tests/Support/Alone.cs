namespace Providers.Tests.Support;

/// <summary>Tests that measure the process and so need it for themselves.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
