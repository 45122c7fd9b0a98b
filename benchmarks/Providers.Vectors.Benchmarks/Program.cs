using Providers.Vectors.Benchmarks;

// args: work folder, folder with the peers' node_modules, stage, set. eng/bench.d/vectors runs them all.
string work = args[0], modules = Path.GetFullPath(args[1]), stage = args[2];
BenchmarkSet set = BenchmarkSet.Named(work, args[3]);
var context = new StageContext(set, modules);
switch (stage)
{
    case "data":
        Console.WriteLine(set.Exists || Generator.Make(set) ? $"{set.Name}: {set.Rows} x {set.Dimensions}" : $"{set.Name}: no data here, left out");
        break;
    case "build-hnswlib" or "build-usearch" or "build-ours": BuildStage.Part(context, stage[6..], args.Length > 4 ? int.Parse(args[4]) : 100_000); break;
    case "build-threads": BuildStage.Two(context); break;
    case "exact": ExactStage.Run(context); break;
    case "curve": CurveStage.One(context); break;
    case "curve-two": CurveStage.Two(context); break;
    case "filter": FilterStage.Run(context); break;
    case "writer": WriterStage.Run(context); break;
    case "open": OpenStage.Run(context, args); break;
    case "open-child": OpenStage.Child(context); break;
    case "traps": TrapStage.Run(context); break;
    case "kernels": KernelStage.Run(context); break;
    case "report": Report.Write(work, modules, args[4]); break;
    default: throw new ArgumentException($"No stage '{stage}'.");
}
