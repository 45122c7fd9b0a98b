using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics.X86;
using System.Text.Json.Nodes;

namespace Providers.Vectors.Benchmarks;

/// <summary>Each hand-written kernel beside what TensorPrimitives offers for the same work, in nanoseconds per row that fits the second cache.</summary>
internal static unsafe class KernelStage
{
    private const int Rows = 192;

    public static void Run(StageContext context)
    {
        var figures = new JsonObject();
        foreach (int d in (int[])[128, 768, 1536])
        {
            using var work = new KernelWork(d, Rows);
            var kernels = new Dictionary<string, (string Name, Action Pass)[]>
            {
                ["float32 dot"] =
                [
                    ("TensorPrimitives: Dot", work.DotPrimitives), ("512", work.Dot<Kernels512>),
                ],
                ["int8 dot"] =
                [
                    ("TensorPrimitives: widen to float32, Dot", work.Int8Primitives), ("512", work.Int8<Kernels512>), ("256", work.Int8<Kernels256>), ("128", work.Int8<Kernels128>),
                ],
                ["bfloat16 dot"] =
                [
                    ("TensorPrimitives: widen Half to float32, Dot", work.BrainPrimitives), ("256", work.Brain<Kernels256>), ("128", work.Brain<Kernels128>),
                ],
                ["bfloat16 squared L2"] =
                [
                    ("TensorPrimitives: widen Half to float32, Distance", work.BrainL2Primitives), ("256", work.BrainL2<Kernels256>), ("128", work.BrainL2<Kernels128>),
                ],
                ["float32 tile, 4 queries x 3 rows"] =
                [
                    ("TensorPrimitives: Dot", work.TilePrimitives), ("512", work.Tile<Kernels512>), ("256", work.Tile<Kernels256>),
                ],
                ["1-bit scan, 8-bit tables"] =
                [
                    ("TensorPrimitives: HammingBitDistance, 1-bit query", work.BitsPrimitives), ("512", work.Bits<Kernels512>), ("256", work.Bits<Kernels256>), ("128", work.Bits<Kernels128>),
                ],
            };
            foreach ((string kernel, (string Name, Action Pass)[] paths) in kernels)
            {
                JsonObject to = figures[kernel]?.AsObject() ?? [];
                figures[kernel] = to;
                foreach ((string name, Action pass) in paths)
                {
                    // A path this processor does not have is not measured.
                    if ((name == "512" && !Avx512BW.IsSupported) || (name == "256" && !Avx2.IsSupported))
                    {
                        continue;
                    }

                    // The JIT's last tier comes after thirty calls and a quiet tenth of a second.
                    for (int i = 0; i < 3; i++)
                    {
                        for (int j = 0; j < 40; j++)
                        {
                            pass();
                        }

                        Thread.Sleep(150);
                    }

                    double best = double.MaxValue;
                    for (int i = 0; i < 40; i++)
                    {
                        best = Math.Min(best, CpuClock.Of(() =>
                        {
                            for (int j = 0; j < 20; j++)
                            {
                                pass();
                            }
                        }));
                    }

                    JsonObject line = to[name]?.AsObject() ?? [];
                    to[name] = line;
                    line[d.ToString(CultureInfo.InvariantCulture)] = best * 1e6 / 20 / Rows;
                }
            }
        }

        context.Save("kernels", figures);
    }
}
