using Providers.Memory.Benchmarks;

// args: result file, folder with the peers, sizes of the searches (comma-separated), what to run (writes, search or all)
string folder = Directory.CreateTempSubdirectory("memory-bench-").FullName;
Figures figures = new();
string what = args.Length > 3 ? args[3] : "all";
try
{
    if (what is "all" or "writes")
    {
        await Writes.RunAsync(folder, figures);
    }

    if (what is "all" or "search")
    {
        foreach (int size in args[2].Split(',').Select(int.Parse))
        {
            await Searches.RunAsync(folder, size, args[1], figures);
        }
    }
}
finally
{
    Directory.Delete(folder, recursive: true);
}

figures.Write(args[0]);
