using System.Runtime.InteropServices;

namespace Providers.Mlx.Tests;

public sealed class PreflightTests
{
    [Theory]
    [InlineData(true, Architecture.Arm64, false, true)]
    [InlineData(true, Architecture.X64, false, false)]
    [InlineData(false, Architecture.Arm64, false, false)]
    [InlineData(false, Architecture.X64, true, true)]
    public void Platform_OnlyAppleSiliconUnlessAllowed(bool mac, Architecture architecture, bool allowed, bool passes)
    {
        Action check = () => PlatformCheck.ThrowIfUnsupported(allowed, mac, architecture, "Plan 9");
        if (passes)
        {
            check.Should().NotThrow();
        }
        else
        {
            check.Should().Throw<PlatformNotSupportedException>()
                .WithMessage($"*Plan 9*{architecture}*BaseUrl*Launch:AllowUnsupportedPlatform*");
        }
    }

    [Fact]
    public async Task Start_UnsupportedPlatform_FaultsWithTheReason()
    {
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "macOS is the supported platform.");
        using StubServer stub = new("", o => o.AllowUnsupportedPlatform = false);
        await stub.Supervisor.Invoking(s => s.WaitReadyAsync(default)).Should().ThrowAsync<PlatformNotSupportedException>();
        stub.Supervisor.Status.State.Should().Be(MlxServerState.Faulted);
    }

    [Fact]
    public async Task Start_PythonMissing_NamesTheKnob()
    {
        using StubServer stub = new("", o => o.PythonExecutable = "no-such-python");
        MlxServerException e = await SupervisorTests.Fails(stub);
        e.Message.Should().Contain("no-such-python").And.Contain("Launch:PythonExecutable");
    }

    [Fact]
    public async Task Start_CommandMissing_NamesTheKnob()
    {
        using StubServer stub = new("", o => o.Command = "/no/such/server");
        (await SupervisorTests.Fails(stub)).Message.Should().Contain("/no/such/server").And.Contain("Launch:Command");
    }

    [Fact]
    public async Task Start_PackageMissing_NamesThePipCommand()
    {
        using StubServer stub = new("", o => o.Environment["PYTHONPATH"] = "");
        MlxServerException e = await SupervisorTests.Fails(stub);
        e.Message.Should().Contain("python3 -m pip install mlx-lm");
        e.ExitCode.Should().Be(3);
    }

    [Fact]
    public async Task Start_NotAPython_SaysHowItEnded()
    {
        using StubServer stub = new("", o => o.PythonExecutable = "false");
        (await SupervisorTests.Fails(stub)).Message.Should().Contain("'false' ended with 1");
    }

    [Fact]
    public async Task Start_OldVersion_Warns()
    {
        using StubServer stub = new();
        string info = Directory.CreateDirectory(Path.Join(stub.Folder, "mlx_lm-0.20.0.dist-info")).FullName;
        await File.WriteAllTextAsync(Path.Join(info, "METADATA"), "Metadata-Version: 2.1\nName: mlx-lm\nVersion: 0.20.0\n", TestContext.Current.CancellationToken);
        stub.Launch.Environment["PYTHONPATH"] += ":" + stub.Folder;
        await Preflight.CheckAsync(LaunchPlan.From(stub.Launch, "mlx"), stub.Logger, TestContext.Current.CancellationToken);
        stub.Logger.Entries.Should().Contain(e => e.Id == 510 && e.Text.Contains("0.20.0"));
    }

    [Fact]
    public async Task Start_ModelFolderMissing_SaysSo()
    {
        using StubServer stub = new("", o => o.Model = "/no/such/model");
        MlxServerException e = await SupervisorTests.Fails(stub);
        e.Message.Should().Contain("'/no/such/model' does not exist");
        e.Kind.Should().Be(FailureKind.ModelMissing);
    }

    [Fact]
    public async Task Start_AdapterFolderMissing_SaysSo()
    {
        using StubServer stub = new("", o => o.AdapterPath = "/no/such/adapter");
        (await SupervisorTests.Fails(stub)).Message.Should().Contain("'/no/such/adapter'").And.Contain("Launch:AdapterPath");
    }

    [Fact]
    public void ModelFolder_WhatItLacks_IsNamedFileByFile()
    {
        string folder = Directory.CreateTempSubdirectory("mlx-model-").FullName;
        ModelFolder.Lacks(folder).Should().Contain("config.json");
        File.WriteAllText(Path.Join(folder, "config.json"), """{"max_position_embeddings":4096}""");
        ModelFolder.Lacks(folder).Should().Contain("*.safetensors");
        File.WriteAllText(Path.Join(folder, "model.safetensors"), "");
        ModelFolder.Lacks(folder).Should().Contain("tokenizer");
        File.WriteAllText(Path.Join(folder, "tokenizer.json"), "{}");
        ModelFolder.Lacks(folder).Should().BeNull();
        ModelFolder.ContextWindow(folder).Should().Be(4096);
        File.WriteAllText(Path.Join(folder, "config.json"), """{"text_config":{"max_position_embeddings":512}}""");
        ModelFolder.ContextWindow(folder).Should().Be(512);
        File.WriteAllText(Path.Join(folder, "config.json"), "[");
        ModelFolder.ContextWindow(folder).Should().BeNull();
        File.WriteAllText(Path.Join(folder, "config.json"), "{}");
        ModelFolder.ContextWindow(folder).Should().BeNull();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("mlx-community/gemma-2-2b-it-4bit", "mlx-community/gemma-2-2b-it-4bit", false)]
    [InlineData("/models/gemma", "/models/gemma", true)]
    public void ModelFolder_IdsStay_FoldersAreAbsolute(string given, string resolved, bool folder)
    {
        ModelFolder.Resolve(given).Should().Be(resolved);
        ModelFolder.IsFolder(resolved).Should().Be(folder);
    }

    [Fact]
    public void ModelFolder_HomeAndRelative_BecomeAbsolute()
    {
        ModelFolder.Resolve("~/models/x").Should().Be(Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "models/x"));
        ModelFolder.Resolve("./x").Should().Be(Path.GetFullPath("x"));
    }

    [Fact]
    public void Environment_FolderModel_IsOfflineUnlessSaidOtherwise()
    {
        MlxLaunchOptions launch = new() { Model = "/models/gemma" };
        LaunchPlan.From(launch, "mlx").Environment["HF_HUB_OFFLINE"].Should().Be("1");
        launch.Offline = false;
        LaunchPlan.From(launch, "mlx").Environment["HF_HUB_OFFLINE"].Should().Be("0");
        launch.Offline = null;
        launch.Model = "org/model";
        LaunchPlan.From(launch, "mlx").Environment.Should().NotContainKey("HF_HUB_OFFLINE");
    }
}
