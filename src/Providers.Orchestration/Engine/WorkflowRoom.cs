namespace Providers.Orchestration;

/// <summary>The room for open workflows in one process. Who starts one holds its place until it runs, so that many at once do not pass the limit together.</summary>
internal sealed class WorkflowRoom(int most)
{
    private readonly Lock _gate = new();
    private readonly HashSet<WorkflowRun> _open = [];
    private readonly Dictionary<string, int> _starting = new(StringComparer.Ordinal);

    /// <summary>Takes a place for a workflow that is about to be written, unless as many are open as may be; give it back with <see cref="Leave"/>, whatever came of it.</summary>
    public bool TryEnter(string id, out int open)
    {
        lock (_gate)
        {
            bool again = _starting.TryGetValue(id, out int starts);
            open = _open.Count + _starting.Count;
            if (open >= most)
            {
                open = _open.Count(static r => !r.State.IsEnded) + _starting.Count; // one that has ended, and is still being cleared away, is no longer open
            }

            if (!again && open >= most)
            {
                return false;
            }

            _starting[id] = starts + 1;
            return true;
        }
    }

    public void Leave(string id)
    {
        lock (_gate)
        {
            if (_starting.TryGetValue(id, out int starts) && starts > 1)
            {
                _starting[id] = starts - 1;
            }
            else
            {
                _starting.Remove(id);
            }
        }
    }

    /// <summary>Whether somebody is about to write the workflow, so that it may be there in a moment although it is not now.</summary>
    public bool IsStarting(string id)
    {
        lock (_gate)
        {
            return _starting.ContainsKey(id);
        }
    }

    /// <summary>A workflow runs or is paused here: it is counted itself, and no longer as one that is being started.</summary>
    public void Opened(WorkflowRun run)
    {
        lock (_gate)
        {
            _open.Add(run);
            _starting.Remove(run.State.Id);
        }
    }

    public void Closed(WorkflowRun run)
    {
        lock (_gate)
        {
            _open.Remove(run);
        }
    }
}
