using Microsoft.Extensions.Options;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Providers.Mcp.Calls;
using Providers.Mcp.Completions;
using Providers.Mcp.Prompts;
using Providers.Mcp.Resources;
using Providers.Mcp.Tools;
using Providers.Memory;
using Providers.Tools;

namespace Providers.Mcp.Registration;

/// <summary>Everything the door offers, made once and put into the options of each session.</summary>
internal sealed class McpDoor : IPostConfigureOptions<McpServerOptions>
{
    private readonly McpServerTool[] _tools;
    private readonly McpServerResource[] _resources;
    private readonly McpServerPrompt[] _prompts;
    private readonly CallPipeline _pipeline;
    private readonly Subscriptions? _subscriptions;
    private readonly IMemoryService? _memory;
    private readonly CompletionSource _completions;

    public McpDoor(IEnumerable<WantedToolset> wanted, IEnumerable<IToolset> toolsets, CallPipeline pipeline, CallerReader callers, IServiceProvider services)
    {
        _pipeline = pipeline;
        IToolset[] shown = [.. wanted.Distinct().Select(w => toolsets.First(t => t.Name == w.Name))];
        ToolIndex index = new(shown);
        IMemoryService? memory = _memory = index.Has("memory") ? services.GetService(typeof(IMemoryService)) as IMemoryService : null;
        ResourceWatch? watch = memory is null ? null : (ResourceWatch)services.GetService(typeof(ResourceWatch))!;
        _subscriptions = watch is null ? null : new Subscriptions(watch, callers);
        _completions = new CompletionSource(memory, index.Has("providers") ? services.GetService(typeof(IProviderCatalog)) as IProviderCatalog : null);
        _tools = [.. shown.SelectMany(static s => s.Tools).Select(f => new ToolsetTool(f, watch))];
        _resources =
        [
            .. memory is null ? [] : (McpServerResource[])[new ToolResource(MemoryUris.MemoryTemplate(), index, "memory_get", MemoryUris.ReadMemory), new ToolResource(MemoryUris.NamespaceTemplate(), index, "memory_list", MemoryUris.ReadNamespace)],
            .. index.Has("providers") ? (McpServerResource[])[new ToolResource(ProviderUris.Status(), index, "provider_status", ProviderUris.ReadStatus), new ToolResource(ProviderUris.Route(), index, "explain_route", ProviderUris.ReadRoute)] : [],
        ];
        _prompts = memory is null ? [] : [new RecallPrompt(index), new ReflectPrompt(index)];
    }

    public void PostConfigure(string? name, McpServerOptions options)
    {
        Add(options.ToolCollection ??= [], _tools);
        Add(options.ResourceCollection ??= [], _resources);
        Add(options.PromptCollection ??= [], _prompts);
        Empty(options);
        ServerCapabilities capabilities = options.Capabilities ??= new ServerCapabilities();
        _completions.Attach(options.Handlers);
        capabilities.Completions ??= new CompletionsCapability();
        if (_subscriptions is not null && _memory is not null)
        {
            Namespaces.AttachListing(_memory, options.Handlers);
            _subscriptions.Attach(options.Handlers);
            (capabilities.Resources ??= new ResourcesCapability()).Subscribe = true;
        }

        options.Filters.Message.IncomingFilters.Insert(0, CancelledPosts.Close);
        McpRequestFilters filters = options.Filters.Request;
        filters.CallToolFilters.Insert(0, _pipeline.Tool);
        filters.ReadResourceFilters.Insert(0, next => ProtocolErrors.NamingAddress(_pipeline.Other("resource", static p => p?.Uri, next)));
        filters.GetPromptFilters.Insert(0, next => _pipeline.Other("prompt", static p => p?.Name, next));
        filters.CompleteFilters.Insert(0, next => _pipeline.Other("completion", static p => p?.Argument.Name, next));
        filters.ListResourcesFilters.Insert(0, next => _pipeline.Other("list", static _ => "resources", next));
        filters.SubscribeToResourcesFilters.Insert(0, next => _pipeline.Other("subscribe", static p => p?.Uri, next));
        filters.UnsubscribeFromResourcesFilters.Insert(0, next => _pipeline.Other("unsubscribe", static p => p?.Uri, next));
    }

    private static void Add<T>(McpServerPrimitiveCollection<T> collection, T[] all)
        where T : IMcpServerPrimitive
    {
        foreach (T one in all)
        {
            collection.TryAdd(one); // the host's own of that name wins
        }
    }

    /// <summary>Takes away what is empty, so that a server does not announce what it lacks.</summary>
    private static void Empty(McpServerOptions options)
    {
        options.ToolCollection = options.ToolCollection is { IsEmpty: true } ? null : options.ToolCollection;
        options.ResourceCollection = options.ResourceCollection is { IsEmpty: true } ? null : options.ResourceCollection;
        options.PromptCollection = options.PromptCollection is { IsEmpty: true } ? null : options.PromptCollection;
    }
}
