// What our binding adds to the bare SDK's round trip, how fast a memory is searched, and npm's server-memory beside it. eng/bench mcp runs the stages.
//   WORK NPM STAGE: one stage, its figures to WORK/STAGE.json; 3: a fill that wants another turn
//   WORK report OUT.json STAGE...: the figures of all stages
using System.Globalization;
using Providers.Mcp.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args[0] == "serve")
{
    await Servers.StdioAsync(args[1], args[2]);
    return 0;
}

string work = Directory.CreateDirectory(args[0]).FullName;
if (args[1] == "report")
{
    Report.Write(work, args[3..], args[2]);
    return 0;
}

Rows rows = new(work, args[2]);
string[] parts = args[2].Split('-');
switch (parts[0])
{
    case "echo":
        await Stages.EchoAsync(rows, parts[1] == "http");
        break;
    case "fill" when !await Stages.FillAsync(work, Number(parts[1])):
        return 3;
    case "fill":
        break;
    case "search":
        await Stages.SearchAsync(rows, work, Number(parts[1]), parts[2] == "http");
        break;
    case "parts":
        await Parts.RunAsync(rows, Stages.Database(work, Number(parts[1])), Number(parts[1]));
        break;
    case "peer":
        await Stages.PeerAsync(rows, work, args[1]);
        break;
    default:
        Console.Error.WriteLine($"There is no stage '{args[2]}'; there are echo-stdio, echo-http, fill-N, parts-N, search-N-stdio, search-N-http, peer.");
        return 2;
}

rows.Save();
return 0;

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
