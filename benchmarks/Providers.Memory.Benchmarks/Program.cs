using Providers.Memory.Benchmarks;

// args: result file, folder with the peers and the databases that are kept, sizes of the searches (comma-separated), what to run
// (writes, load, search, parts, peers or all; load makes the databases that the three after it use)
string folder = Directory.CreateTempSubdirectory("memory-bench-").FullName;
Figures figures = new();
string what = args.Length > 3 ? args[3] : "all";
try
{
    if (what is "all" or "writes")
    {
        await Writes.RunAsync(folder, figures);
    }

    foreach (int size in what is "writes" ? [] : args[2].Split(',').Select(int.Parse))
    {
        await Searches.RunAsync(args[1], size, what, figures);
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

figures.Write(args[0]);
