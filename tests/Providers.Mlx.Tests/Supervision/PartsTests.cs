using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Providers.Mlx.Tests;

public sealed class PartsTests
{
    private static readonly RestartRules Rules = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), 5, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5));

    [Fact]
    public void RestartPolicy_InARow_DoublesWithinItsJitterUpToTheLongest()
    {
        RestartPolicy policy = new(Rules with { MaxRestarts = 20 }, new FakeTimeProvider(), new Random(1));
        for (int i = 0; i < 12; i++)
        {
            double expected = Math.Pow(2, i);
            double seconds = policy.Next(TimeSpan.Zero)!.Value.TotalSeconds;
            seconds.Should().BeInRange(Math.Min(60, expected * 0.8), Math.Min(60, expected * 1.2));
        }
    }

    [Fact]
    public void RestartPolicy_SameSeed_WaitsTheSame()
    {
        TimeSpan?[] Waits() => [.. Enumerable.Repeat(new RestartPolicy(Rules, new FakeTimeProvider(), new Random(42)), 5).Select(p => p.Next(TimeSpan.Zero))];
        Waits().Should().Equal(Waits());
    }

    [Fact]
    public void RestartPolicy_SixthWithinTheWindow_GivesUpUntilTheWindowHasPassed()
    {
        FakeTimeProvider clock = new();
        RestartPolicy policy = new(Rules, clock, new Random(1));
        for (int i = 0; i < 5; i++)
        {
            policy.Next(TimeSpan.Zero).Should().NotBeNull();
            clock.Advance(TimeSpan.FromMinutes(1));
        }

        policy.Next(TimeSpan.Zero).Should().BeNull();
        clock.Advance(TimeSpan.FromMinutes(5));
        policy.Next(TimeSpan.Zero).Should().NotBeNull();
    }

    [Fact]
    public void RestartPolicy_AfterHealthyTime_StartsAnew()
    {
        RestartPolicy policy = new(Rules, new FakeTimeProvider(), new Random(1));
        for (int i = 0; i < 5; i++)
        {
            policy.Next(TimeSpan.Zero);
        }

        policy.Next(TimeSpan.FromMinutes(5))!.Value.TotalSeconds.Should().BeInRange(0.8, 1.2);
    }

    [Theory]
    [InlineData("2026-02-03 04:05:06,789 - INFO - text - more", LogLevel.Information)]
    [InlineData("2026-02-03 04:05:06,789 - DEBUG - text", LogLevel.Debug)]
    [InlineData("2026-02-03 04:05:06,789 - WARNING - text", LogLevel.Warning)]
    [InlineData("2026-02-03 04:05:06,789 - ERROR - text", LogLevel.Error)]
    [InlineData("2026-02-03 04:05:06,789 - CRITICAL - text", LogLevel.Critical)]
    [InlineData("Fetching 5 files - 20%", LogLevel.Information)]
    [InlineData("Traceback (most recent call last):", LogLevel.Information)]
    public void OutputLevel_ReadsTheField(string line, LogLevel level) => OutputLevel.Of(line).Should().Be(level);

    [Fact]
    public void OutputTail_Full_DropsTheOldest()
    {
        OutputTail tail = new(3);
        foreach (string line in new[] { "a", "b", "c", "d" })
        {
            tail.Add(line);
        }

        tail.Snapshot().Should().Equal("b", "c", "d");
    }

    [Fact]
    public async Task LinePump_EndlessLineAndProgressBar_AreCutAndSplit()
    {
        List<string> lines = [];
        await LinePump.RunAsync(new StringReader(new string('x', 100_000) + "\n10%\r20%\n\nlast"), lines.Add);
        lines.Should().HaveCount(4);
        lines[0].Should().HaveLength(LinePump.MaxLineLength);
        lines.Skip(1).Should().Equal("10%", "20%", "last");
    }

    [Fact]
    public async Task LinePump_BrokenPipe_EndsQuietly()
    {
        List<string> lines = [];
        using StringReader reader = new("gone");
        reader.Dispose();
        await LinePump.RunAsync(reader, lines.Add);
        lines.Should().BeEmpty();
    }

    [Fact]
    public void SecretMask_KnownSecretsAndTokenShapes_AreMasked()
    {
        SecretMask mask = new(["s3cret-value", null, "abc"]);
        mask.Apply("a s3cret-value b hf_ABCDEFGHIJKLMNOPQRST c abc").Should().Be("a *** b *** c abc");
    }

    [Theory]
    [InlineData(70, "RepositoryNotFoundError: 404 Client Error", FailureKind.ModelMissing, true)]
    [InlineData(70, "FileNotFoundError: [Errno 2] No such file or directory: 'x/config.json'", FailureKind.ModelMissing, true)]
    [InlineData(70, "IndexError: list index out of range", FailureKind.ConnectionLost, false)]
    [InlineData(70, "[metal::malloc] Attempting to allocate", FailureKind.Overloaded, false)]
    [InlineData(71, "ModuleNotFoundError: No module named 'transformers'", FailureKind.ConnectionLost, true)]
    [InlineData(2, "mlx_lm.server: error: unrecognized arguments: --x", FailureKind.ConnectionLost, true)]
    [InlineData(1, "No such file", FailureKind.ConnectionLost, false)]
    [InlineData(139, "", FailureKind.ConnectionLost, false)]
    public void ExitDiagnosis_CodeAndOutput_SayWhatAndWhetherARestartHelps(int code, string line, FailureKind kind, bool permanent)
    {
        ExitDiagnosis diagnosis = ExitDiagnosis.Of(code, [line]);
        diagnosis.Kind.Should().Be(kind);
        diagnosis.IsPermanent.Should().Be(permanent);
        diagnosis.Message.Should().Contain($"Exit code {code}");
    }

    [Fact]
    public void Endpoint_BoundToEveryAddress_IsReachedByLoopback()
    {
        LaunchPlan plan = LaunchPlan.From(new MlxLaunchOptions { Model = "m", Host = "0.0.0.0" }, "mlx");
        plan.EndpointAt(81).Should().Be(new Uri("http://127.0.0.1:81/"));
        (plan with { Host = "::1" }).EndpointAt(81).Should().Be(new Uri("http://[::1]:81/"));
    }

    [Fact]
    public void Bootstrap_IsShort() => Bootstrap.Script.Split('\n').Length.Should().BeLessThan(45);
}
