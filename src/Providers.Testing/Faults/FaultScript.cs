namespace Providers.Testing;

/// <summary>
/// Decides which fault a request meets: by its model name (<c>fault:S06</c>, <c>fault:cut:40</c>), else the next one enqueued, else
/// by the plan, else the standing one. Safe for concurrent use.
/// </summary>
public sealed class FaultScript
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Fault> _queue = [];
    private readonly Dictionary<string, int> _named = new(StringComparer.Ordinal);
    private readonly List<Fault> _standing = [];
    private FaultPlan? _plan;
    private int _planned;

    internal FaultScript()
    {
    }

    /// <summary>Lets the next requests meet these faults, one each, in order. <see cref="Fault.None"/> lets one pass.</summary>
    /// <param name="faults">The faults.</param>
    public void Enqueue(params IEnumerable<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        lock (_gate)
        {
            foreach (Fault fault in faults)
            {
                _queue.AddLast(fault);
            }
        }
    }

    /// <summary>Lets every request meet a fault that meets no other.</summary>
    /// <param name="fault">The fault; one that is for a path stands beside the others.</param>
    public void Always(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_gate)
        {
            _standing.RemoveAll(f => f.Path == fault.Path);
            _standing.Add(fault);
        }
    }

    /// <summary>Lets requests meet faults by chance.</summary>
    /// <param name="plan">The plan; its request 0 is the next one.</param>
    public void Use(FaultPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        lock (_gate)
        {
            _plan = plan;
            _planned = 0;
        }
    }

    /// <summary>Removes every fault: from now on all goes well.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _queue.Clear();
            _standing.Clear();
            _named.Clear();
            _plan = null;
        }
    }

    /// <summary>The fault of one request. Probes and lists (<paramref name="inference"/> false) meet only faults of their own path.</summary>
    internal Fault Next(string path, string? model, bool inference)
    {
        lock (_gate)
        {
            if (inference && model is not null && model.StartsWith(Faults.FaultNames.Prefix, StringComparison.Ordinal))
            {
                int nth = _named.GetValueOrDefault(model);
                _named[model] = nth + 1;
                return Faults.FaultNames.Find(model, nth);
            }

            for (LinkedListNode<Fault>? node = _queue.First; node is not null; node = node.Next)
            {
                if (node.Value.Path is { } own ? own == path : inference)
                {
                    _queue.Remove(node);
                    return node.Value;
                }
            }

            Fault planned = inference && _plan is not null ? _plan.At(_planned++) : Fault.None;
            return planned != Fault.None && (planned.Path is null || planned.Path == path) ? planned
                : _standing.Find(f => f.Path == path) ?? (inference ? _standing.Find(static f => f.Path is null) : null) ?? Fault.None;
        }
    }
}
