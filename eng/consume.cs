// Compiled into every program of eng/consume: with CONSUMER_PROBE=NAME it loads that assembly with everything it refers to, to any depth,
// and every type in it, and ends the process before the program begins.
using System.Reflection;
using System.Runtime.CompilerServices;

internal static class Probe
{
#pragma warning disable CA2255 // the program's own first line would be too late
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable("CONSUMER_PROBE") is not { Length: > 0 } name)
        {
            return;
        }

        Queue<AssemblyName> open = new([new AssemblyName(name)]);
        HashSet<string> seen = [];
        int types = 0;
        while (open.TryDequeue(out AssemblyName? next))
        {
            if (!seen.Add(next.Name!) || (next.Name!.StartsWith("System.", StringComparison.Ordinal) && seen.Count > 1 && IsShared(next)))
            {
                continue;
            }

            Assembly assembly = Assembly.Load(next);
            types += next.Name.StartsWith("Providers", StringComparison.Ordinal) ? assembly.GetTypes().Length : 0;
            foreach (AssemblyName reference in assembly.GetReferencedAssemblies())
            {
                open.Enqueue(reference);
            }
        }

        Console.WriteLine($"{seen.Count} assemblies, {types} types of ours");
        Environment.Exit(0);
    }

    private static bool IsShared(AssemblyName name) => File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, name.Name + ".dll"));
}
