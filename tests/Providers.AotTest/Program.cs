using Providers.AotTest;

VectorChecks.Run();
Console.WriteLine("ahead of time: all checks passed");
