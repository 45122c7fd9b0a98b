using Providers.Cli;

return await new Tool(Terminal.OfProcess(), Environment.GetEnvironmentVariable).RunAsync(args).ConfigureAwait(false);
