namespace Providers.Mcp.Tests.Orchestration;

/// <summary>
/// Every orchestration tool in every situation that its arguments can bring about: what it answers, exactly. <c>@running</c>, <c>@paused</c>, <c>@done</c>,
/// <c>@plan</c>, <c>@task</c> and <c>@ended</c> stand for ids of what is there, <c>#</c> in an answer for a number.
/// </summary>
internal static class WorkflowTable
{
    private const string Missing = "01999999-0000-7000-8000-000000000000";
    private const string NoWorkflow = $"workflow_id: there is no workflow '{Missing}'; workflow_execute gives the ids there are.";
    private const string NoId = "workflow_id: is missing; text of 1 to 64 of A-Z a-z 0-9 . _ : - is wanted.";
    private const string IdTooLong = "workflow_id: has 65 characters; 1 to 64 are allowed.";
    private const string NumberForId = "workflow_id: is a number; text of 1 to 64 of A-Z a-z 0-9 . _ : - is wanted.";
    private const string OtherCharacters = "workflow_id: is 'a b'; only A-Z a-z 0-9 . _ : - are allowed.";
    private const string NoTaskOf = $"There is no task '{Missing}'; task_list gives the ids there are.";
    private const string OldVersion = "Task '@task' is at version 1; version 7 was expected. Read it again and repeat the change.";
    private const string VersionZero = "expected_version: is 0; a whole number from 1 to 9,007,199,254,740,991 is allowed.";
    private const string ReasonTooLong = "reason: has 513 characters; 1 to 512 are allowed.";

    public static IEnumerable<(string Tool, string Situation, string Arguments, string Code, string Message)> Rows { get; } =
    [
        .. Plans, .. Runs, .. Processes, .. Controls("workflow_cancel", "cancelled", "Only a running or paused workflow can be.", "@running"),
        .. Controls("workflow_pause", "paused", "Only a running workflow can be.", "@running"), .. Controls("workflow_resume", "resumed", "Only a paused or stuck workflow can be.", "@paused"), .. Tasks,
    ];

    /// <summary>Good arguments for each tool, for what goes wrong elsewhere.</summary>
    public static IReadOnlyDictionary<string, string> Good { get; } = Rows.Where(static r => r.Situation == "good").ToDictionary(static r => r.Tool, static r => r.Arguments);

    private static (string, string, string, string, string)[] Plans =>
    [
        ("workflow_plan", "good", """{"name":"release","goal":"g","strategy":"parallel","context":{"k":1},"tasks":[{"id":"a","title":"A","summary":"s","capabilities":["chat"],"minutes":5},{"title":"B","depends_on":["a"]}]}""", "", ""),
        ("workflow_plan", "missing", "{}", "invalid_input", "name: is missing; text of 1 to 180 characters is wanted. tasks: is missing; a list of 1 to 50 is wanted."),
        ("workflow_plan", "name too long", """{"name":"«n*181»","tasks":[{"title":"t"}]}""", "invalid_input", "name: has 181 characters; 1 to 180 are allowed."),
        ("workflow_plan", "goal too long", """{"name":"n","goal":"«g*4097»","tasks":[{"title":"t"}]}""", "invalid_input", "goal: has 4,097 characters; 1 to 4,096 are allowed."),
        ("workflow_plan", "strategy", """{"name":"n","strategy":"random","tasks":[{"title":"t"}]}""", "invalid_input", "strategy: is 'random'; one of sequential, parallel, adaptive, hierarchical, reactive is allowed."),
        ("workflow_plan", "context", """{"name":"n","context":[1],"tasks":[{"title":"t"}]}""", "invalid_input", "context: is a list; an object is wanted."),
        ("workflow_plan", "wrong type", """{"name":"n","tasks":{"title":"t"}}""", "invalid_input", "tasks: is an object; a list of 1 to 50 is wanted."),
        ("workflow_plan", "no task", """{"name":"n","tasks":[]}""", "invalid_input", "tasks: has 0 items; 1 to 50 are allowed."),
        ("workflow_plan", "too many tasks", """{"name":"n","tasks":[«{"title":"t"},*50»{"title":"t"}]}""", "invalid_input", "tasks: has 51 items; 1 to 50 are allowed."),
        ("workflow_plan", "no title", """{"name":"n","tasks":[{"id":"a"}]}""", "invalid_input", "tasks[0].title: is missing; text of 1 to 160 characters is wanted."),
        ("workflow_plan", "title too long", """{"name":"n","tasks":[{"title":"«t*161»"}]}""", "invalid_input", "tasks[0].title: has 161 characters; 1 to 160 are allowed."),
        ("workflow_plan", "summary too long", """{"name":"n","tasks":[{"title":"t","summary":"«s*1025»"}]}""", "invalid_input", "tasks[0].summary: has 1,025 characters; 1 to 1,024 are allowed."),
        ("workflow_plan", "id too long", """{"name":"n","tasks":[{"id":"«i*65»","title":"t"}]}""", "invalid_input", "tasks[0].id: has 65 characters; 1 to 64 are allowed."),
        ("workflow_plan", "id of other characters", """{"name":"n","tasks":[{"id":"a b","title":"t"}]}""", "invalid_input", "tasks[0].id: is 'a b'; only A-Z a-z 0-9 . _ : - are allowed."),
        ("workflow_plan", "too many capabilities", """{"name":"n","tasks":[{"title":"t","capabilities":[«"c",*64»"c"]}]}""", "invalid_input", "tasks[0].capabilities: has 65 items; 0 to 64 are allowed."),
        ("workflow_plan", "capability too long", """{"name":"n","tasks":[{"title":"t","capabilities":["«c*65»"]}]}""", "invalid_input", "tasks[0].capabilities[0]: has 65 characters; 1 to 64 are allowed."),
        ("workflow_plan", "too many dependencies", """{"name":"n","tasks":[{"title":"t","depends_on":[«"a",*32»"a"]}]}""", "invalid_input", "tasks[0].depends_on: has 33 items; 0 to 32 are allowed."),
        ("workflow_plan", "minutes", """{"name":"n","tasks":[{"title":"t","minutes":1441}]}""", "invalid_input", "tasks[0].minutes: is 1441; a number from 0 to 1,440 is allowed."),
        ("workflow_plan", "unknown field", """{"name":"n","tenant":"umbrella","tasks":[{"title":"t"}]}""", "invalid_input", "tenant: is no field here; there are name, goal, strategy, context, tasks."),
        ("workflow_plan", "unknown field of a task", """{"name":"n","tasks":[{"title":"t","owner":"x"}]}""", "invalid_input", "tasks[0].owner: is no field here; there are id, title, summary, capabilities, depends_on, minutes."),
        ("workflow_plan", "no such dependency", """{"name":"n","tasks":[{"id":"t","title":"t","depends_on":["x"]}]}""", "invalid_input", "tasks.t.depends_on: there is no task 'x'; there are: t."),
        ("workflow_plan", "circle", """{"name":"n","tasks":[{"id":"a","title":"t","depends_on":["b"]},{"id":"b","title":"t","depends_on":["a"]}]}""", "invalid_input", "tasks: 'a', 'b' depend on each other in a circle."),
        ("workflow_plan", "same id", """{"name":"n","tasks":[{"id":"a","title":"t"},{"id":"a","title":"t"}]}""", "invalid_input", "tasks: 2 have the id 'a'; each needs its own."),
    ];

    private static (string, string, string, string, string)[] Runs =>
    [
        ("workflow_execute", "good", """{"name":"n","goal":"g","strategy":"sequential","context":{"a":1},"steps":[{"id":"a","name":"A","handler":"note","input":{"x":1},"max_attempts":1,"timeout_seconds":10,"optional":true},{"id":"b","description":"Say it.","agent":"r","depends_on":["a"]}],"agents":[{"id":"r","name":"Rita","role":"You review.","capabilities":["chat"],"model":"scripted/chatty"}],"deadline_seconds":600,"idempotency_key":"k1","wait_seconds":60}""", "", ""),
        ("workflow_execute", "a plan", """{"workflow_id":"@plan"}""", "", ""),
        ("workflow_execute", "again", """{"name":"done","steps":[{"id":"a","handler":"note"}],"idempotency_key":"used"}""", "", ""),
        ("workflow_execute", "missing", "{}", "invalid_input", "Give either steps, or the workflow_id of a plan that workflow_plan made."),
        ("workflow_execute", "both", """{"workflow_id":"@plan","steps":[{"id":"a","description":"d"}]}""", "invalid_input", "Give either steps, or the workflow_id of a plan that workflow_plan made."),
        ("workflow_execute", "not found", $$"""{"workflow_id":"{{Missing}}"}""", "not_found", $"workflow_id: there is no plan '{Missing}'; workflow_plan makes one."),
        ("workflow_execute", "conflict", """{"name":"done","steps":[{"id":"other","handler":"note"}],"idempotency_key":"used"}""", "conflict", "The idempotency key 'used' was used for another definition, of workflow '@done'; take a new key."),
        ("workflow_execute", "no name", """{"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "name: is missing; text of 1 to 180 characters is wanted."),
        ("workflow_execute", "name too long", """{"name":"«n*181»","steps":[{"id":"a","description":"d"}]}""", "invalid_input", "name: has 181 characters; 1 to 180 are allowed."),
        ("workflow_execute", "goal too long", """{"name":"n","goal":"«g*4097»","steps":[{"id":"a","description":"d"}]}""", "invalid_input", "goal: has 4,097 characters; 1 to 4,096 are allowed."),
        ("workflow_execute", "no step", """{"name":"n","steps":[]}""", "invalid_input", "steps: has 0 items; 1 to 50 are allowed."),
        ("workflow_execute", "too many steps", """{"name":"n","steps":[«{"id":"a","description":"d"},*50»{"id":"a","description":"d"}]}""", "invalid_input", "steps: has 51 items; 1 to 50 are allowed."),
        ("workflow_execute", "wrong type", """{"name":"n","steps":"a"}""", "invalid_input", "steps: is text; a list of 1 to 50 is wanted."),
        ("workflow_execute", "no id", """{"name":"n","steps":[{"description":"d"}]}""", "invalid_input", "steps[0].id: is missing; text of 1 to 64 of A-Z a-z 0-9 . _ : - is wanted."),
        ("workflow_execute", "id of other characters", """{"name":"n","steps":[{"id":"a:b","description":"d"}]}""", "invalid_input", "steps.a:b.id: 'a:b' is not 1 to 64 of A-Z a-z 0-9 . _ -, other than 'context'."),
        ("workflow_execute", "id that is taken", """{"name":"n","steps":[{"id":"context","description":"d"}]}""", "invalid_input", "steps.context.id: 'context' is not 1 to 64 of A-Z a-z 0-9 . _ -, other than 'context'."),
        ("workflow_execute", "same id", """{"name":"n","steps":[{"id":"a","description":"d"},{"id":"a","description":"d"}]}""", "invalid_input", "steps: 2 have the id 'a'; each needs its own."),
        ("workflow_execute", "step's name too long", """{"name":"n","steps":[{"id":"a","name":"«n*161»","description":"d"}]}""", "invalid_input", "steps[0].name: has 161 characters; 1 to 160 are allowed."),
        ("workflow_execute", "description too long", """{"name":"n","steps":[{"id":"a","description":"«d*8193»"}]}""", "invalid_input", "steps[0].description: has 8,193 characters; 1 to 8,192 are allowed."),
        ("workflow_execute", "nothing to do", """{"name":"n","steps":[{"id":"a"}]}""", "invalid_input", "steps.a: a chat needs a description, or an input with a prompt."),
        ("workflow_execute", "no such handler", """{"name":"n","steps":[{"id":"a","handler":"x"}]}""", "invalid_input", "steps.a.handler: 'x' is not registered here; there are: chat, embed, gate, memory.search, memory.store, note."),
        ("workflow_execute", "handler too long", """{"name":"n","steps":[{"id":"a","handler":"«h*65»"}]}""", "invalid_input", "steps[0].handler: has 65 characters; 1 to 64 are allowed."),
        ("workflow_execute", "input", """{"name":"n","steps":[{"id":"a","handler":"note","input":1}]}""", "invalid_input", "steps[0].input: is a number; an object is wanted."),
        ("workflow_execute", "input of a step it does not depend on", """{"name":"n","steps":[{"id":"a","handler":"note"},{"id":"b","handler":"note","input":{"x":"{{a}}"}}]}""", "invalid_input", "steps.b.input: asks for the output of 'a', but does not depend on it; add it to depends_on."),
        ("workflow_execute", "too many dependencies", """{"name":"n","steps":[{"id":"a","description":"d","depends_on":[«"a",*32»"a"]}]}""", "invalid_input", "steps[0].depends_on: has 33 items; 0 to 32 are allowed."),
        ("workflow_execute", "no such dependency", """{"name":"n","steps":[{"id":"a","description":"d","depends_on":["x"]}]}""", "invalid_input", "steps.a.depends_on: there is no step 'x'."),
        ("workflow_execute", "circle", """{"name":"n","steps":[{"id":"a","description":"d","depends_on":["b"]},{"id":"b","description":"d","depends_on":["a"]}]}""", "invalid_input", "steps: 'a', 'b' depend on each other in a circle."),
        ("workflow_execute", "attempts", """{"name":"n","steps":[{"id":"a","description":"d","max_attempts":11}]}""", "invalid_input", "steps[0].max_attempts: is 11; a whole number from 1 to 10 is allowed."),
        ("workflow_execute", "timeout", """{"name":"n","steps":[{"id":"a","description":"d","timeout_seconds":86401}]}""", "invalid_input", "steps[0].timeout_seconds: is 86401; a whole number from 1 to 86,400 is allowed."),
        ("workflow_execute", "optional", """{"name":"n","steps":[{"id":"a","description":"d","optional":1}]}""", "invalid_input", "steps[0].optional: is a number; true or false is wanted."),
        ("workflow_execute", "unknown field of a step", """{"name":"n","steps":[{"id":"a","description":"d","tool":"x"}]}""", "invalid_input", "steps[0].tool: is no field here; there are id, name, description, agent, handler, input, depends_on, max_attempts, timeout_seconds, optional."),
        ("workflow_execute", "no such agent", """{"name":"n","steps":[{"id":"a","description":"d","agent":"x"}]}""", "invalid_input", "steps.a.agent: there is no agent 'x' among agents."),
        ("workflow_execute", "no agent", """{"name":"n","agents":[],"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "agents: has 0 items; 1 to 32 are allowed."),
        ("workflow_execute", "too many agents", """{"name":"n","agents":[«{"id":"r","name":"R"},*32»{"id":"r","name":"R"}],"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "agents: has 33 items; 1 to 32 are allowed."),
        ("workflow_execute", "agent without a name", """{"name":"n","agents":[{"id":"r"}],"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "agents[0].name: is missing; text of 1 to 160 characters is wanted."),
        ("workflow_execute", "role too long", """{"name":"n","agents":[{"id":"r","name":"R","role":"«r*1025»"}],"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "agents[0].role: has 1,025 characters; 1 to 1,024 are allowed."),
        ("workflow_execute", "model too long", """{"name":"n","agents":[{"id":"r","name":"R","model":"«m*257»"}],"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "agents[0].model: has 257 characters; 1 to 256 are allowed."),
        ("workflow_execute", "strategy", """{"name":"n","strategy":"Parallel","steps":[{"id":"a","description":"d"}]}""", "invalid_input", "strategy: is 'Parallel'; one of sequential, parallel, adaptive, hierarchical, reactive is allowed."),
        ("workflow_execute", "context", """{"name":"n","context":"c","steps":[{"id":"a","description":"d"}]}""", "invalid_input", "context: is text; an object is wanted."),
        ("workflow_execute", "too large", """{"name":"n","context":{"k":"«x*262144»"},"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "definition: # bytes of JSON; 262144 are allowed."),
        ("workflow_execute", "deadline", """{"name":"n","deadline_seconds":0,"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "deadline_seconds: is 0; a whole number from 1 to 31,536,000 is allowed."),
        ("workflow_execute", "key too long", """{"name":"n","idempotency_key":"«k*129»","steps":[{"id":"a","description":"d"}]}""", "invalid_input", "idempotency_key: has 129 characters; 1 to 128 are allowed."),
        ("workflow_execute", "key of other characters", """{"name":"n","idempotency_key":"\u00e9","steps":[{"id":"a","description":"d"}]}""", "invalid_input", "idempotency_key: has 1 characters; 1 to 128 printable ASCII characters are allowed."),
        ("workflow_execute", "wait", """{"name":"n","wait_seconds":301,"steps":[{"id":"a","description":"d"}]}""", "invalid_input", "wait_seconds: is 301; a whole number from 0 to 300 is allowed."),
        ("workflow_execute", "unknown field", """{"name":"n","tenant":"umbrella","steps":[{"id":"a","description":"d"}]}""", "invalid_input", "tenant: is no field here; there are workflow_id, name, goal, steps, agents, strategy, context, deadline_seconds, idempotency_key, wait_seconds."),
    ];

    private static (string, string, string, string, string)[] Processes =>
    [
        ("process_status", "good", """{"workflow_id":"@done","timeline":true,"metrics":true}""", "", ""),
        ("process_status", "running", """{"workflow_id":"@running"}""", "", ""),
        ("process_status", "missing", "{}", "invalid_input", NoId),
        ("process_status", "not found", $$"""{"workflow_id":"{{Missing}}"}""", "not_found", NoWorkflow),
        ("process_status", "no id of ours", """{"workflow_id":"nobody"}""", "not_found", "workflow_id: there is no workflow 'nobody'; workflow_execute gives the ids there are."),
        ("process_status", "id too long", """{"workflow_id":"«i*65»"}""", "invalid_input", IdTooLong),
        ("process_status", "id of other characters", """{"workflow_id":"a b"}""", "invalid_input", OtherCharacters),
        ("process_status", "wrong type", """{"workflow_id":1}""", "invalid_input", NumberForId),
        ("process_status", "flag", """{"workflow_id":"@done","timeline":"yes"}""", "invalid_input", "timeline: is text; true or false is wanted."),
        ("process_status", "unknown field", """{"workflow_id":"@done","tenant":"x"}""", "invalid_input", "tenant: is no field here; there are workflow_id, timeline, metrics."),
        ("process_monitor", "good", """{"workflow_id":"@done","processes":[{"name":"web","cpu":90,"memory_mb":10}],"thresholds":{"cpu":50,"memory_mb":20}}""", "", ""),
        ("process_monitor", "missing", "{}", "invalid_input", NoId),
        ("process_monitor", "not found", $$"""{"workflow_id":"{{Missing}}"}""", "not_found", NoWorkflow),
        ("process_monitor", "id too long", """{"workflow_id":"«i*65»"}""", "invalid_input", IdTooLong),
        ("process_monitor", "wrong type", """{"workflow_id":1}""", "invalid_input", NumberForId),
        ("process_monitor", "too many processes", """{"workflow_id":"@done","processes":[«{"name":"p"},*32»{"name":"p"}]}""", "invalid_input", "processes: has 33 items; 0 to 32 are allowed."),
        ("process_monitor", "process without a name", """{"workflow_id":"@done","processes":[{"cpu":1}]}""", "invalid_input", "processes[0].name: is missing; text of 1 to 160 characters is wanted."),
        ("process_monitor", "cpu", """{"workflow_id":"@done","processes":[{"name":"p","cpu":-1}]}""", "invalid_input", "processes[0].cpu: is -1; a number of at least 0 is allowed."),
        ("process_monitor", "memory", """{"workflow_id":"@done","processes":[{"name":"p","memory_mb":"1"}]}""", "invalid_input", "processes[0].memory_mb: is text; a number of at least 0 is wanted."),
        ("process_monitor", "threshold", """{"workflow_id":"@done","thresholds":{"cpu":100001}}""", "invalid_input", "thresholds.cpu: is 100001; a number from 0 to 100,000 is allowed."),
        ("process_monitor", "unknown threshold", """{"workflow_id":"@done","thresholds":{"disk":1}}""", "invalid_input", "thresholds.disk: is no field here; there are cpu, memory_mb."),
        ("process_monitor", "unknown field", """{"workflow_id":"@done","pid":1}""", "invalid_input", "pid: is no field here; there are workflow_id, processes, thresholds."),
    ];

    private static (string, string, string, string, string)[] Tasks =>
    [
        ("task_manage", "good", """{"action":"update","task":{"id":"@task","title":"Paint it","priority":2,"assignee":"bob","tags":["t"],"progress_current":1,"progress_total":200},"expected_version":1,"reason":"r"}""", "", ""),
        ("task_manage", "create", """{"action":"create","task":{"title":"Paint it"}}""", "", ""),
        ("task_manage", "progress", """{"action":"progress","task":{"id":"@task","progress_current":50}}""", "", ""),
        ("task_manage", "cancel", """{"action":"cancel","task":{"id":"@task"}}""", "", ""),
        ("task_manage", "missing", "{}", "invalid_input", "action: is missing; one of create, update, progress, complete, fail, cancel is wanted. task: is missing; an object is wanted."),
        ("task_manage", "action", """{"action":"dance","task":{}}""", "invalid_input", "action: is 'dance'; one of create, update, progress, complete, fail, cancel is allowed."),
        ("task_manage", "wrong type", """{"action":"create","task":[]}""", "invalid_input", "task: is a list; an object is wanted."),
        ("task_manage", "no title", """{"action":"create","task":{}}""", "invalid_input", "task.title: is missing; text of 1 to 160 characters is wanted."),
        ("task_manage", "title too long", """{"action":"create","task":{"title":"«t*161»"}}""", "invalid_input", "task.title: has 161 characters; 1 to 160 are allowed."),
        ("task_manage", "no id", """{"action":"complete","task":{}}""", "invalid_input", "task.id: is missing; complete needs it."),
        ("task_manage", "id too long", """{"action":"complete","task":{"id":"«i*65»"}}""", "invalid_input", "task.id: has 65 characters; 1 to 64 are allowed."),
        ("task_manage", "priority", """{"action":"create","task":{"title":"t","priority":11}}""", "invalid_input", "task.priority: is 11; a whole number from 1 to 10 is allowed."),
        ("task_manage", "assignee too long", """{"action":"create","task":{"title":"t","assignee":"«a*129»"}}""", "invalid_input", "task.assignee: has 129 characters; 1 to 128 are allowed."),
        ("task_manage", "too many tags", """{"action":"create","task":{"title":"t","tags":[«"t",*32»"t"]}}""", "invalid_input", "task.tags: has 33 items; 0 to 32 are allowed."),
        ("task_manage", "tag too long", """{"action":"create","task":{"title":"t","tags":["«t*65»"]}}""", "invalid_input", "task.tags[0]: has 65 characters; 1 to 64 are allowed."),
        ("task_manage", "progress below nothing", """{"action":"create","task":{"title":"t","progress_current":-1}}""", "invalid_input", "task.progress_current: is -1; a number of at least 0 is allowed."),
        ("task_manage", "progress beyond the whole", """{"action":"progress","task":{"id":"@task","progress_current":101}}""", "invalid_input", "task.progress_current: is 101; at most progress_total, 100, is allowed."),
        ("task_manage", "a whole of nothing", """{"action":"create","task":{"title":"t","progress_total":0}}""", "invalid_input", "task.progress_total: is 0; a number of at least 1E-06 is allowed."),
        ("task_manage", "version", """{"action":"update","task":{"id":"@task"},"expected_version":0}""", "invalid_input", VersionZero),
        ("task_manage", "reason too long", """{"action":"update","task":{"id":"@task"},"reason":"«r*513»"}""", "invalid_input", ReasonTooLong),
        ("task_manage", "unknown field", """{"action":"create","task":{"title":"t"},"tenant":"x"}""", "invalid_input", "tenant: is no field here; there are action, task, expected_version, reason."),
        ("task_manage", "unknown field of the task", """{"action":"create","task":{"title":"t","status":"done"}}""", "invalid_input", "task.status: is no field here; there are id, title, priority, assignee, tags, progress_current, progress_total."),
        ("task_manage", "not found", $$$"""{"action":"update","task":{"id":"{{{Missing}}}"}}""", "not_found", NoTaskOf),
        ("task_manage", "conflict", """{"action":"update","task":{"id":"@task"},"expected_version":7}""", "conflict", OldVersion),
        ("task_manage", "ended", """{"action":"fail","task":{"id":"@ended"}}""", "conflict", "Task '@ended' is completed and cannot become failed; make a new task."),

        ("task_update_status", "good", """{"task_id":"@task","status":"executing","progress":50,"expected_version":1,"reason":"r"}""", "", ""),
        ("task_update_status", "missing", "{}", "invalid_input", "task_id: is missing; text of 1 to 64 of A-Z a-z 0-9 . _ : - is wanted. status: is missing; one of pending, planning, executing, completed, failed, cancelled, paused is wanted."),
        ("task_update_status", "status", """{"task_id":"@task","status":"Done"}""", "invalid_input", "status: is 'Done'; one of pending, planning, executing, completed, failed, cancelled, paused is allowed."),
        ("task_update_status", "progress", """{"task_id":"@task","status":"paused","progress":100.5}""", "invalid_input", "progress: is 100.5; a number from 0 to 100 is allowed."),
        ("task_update_status", "version", """{"task_id":"@task","status":"paused","expected_version":0}""", "invalid_input", VersionZero),
        ("task_update_status", "reason too long", """{"task_id":"@task","status":"paused","reason":"«r*513»"}""", "invalid_input", ReasonTooLong),
        ("task_update_status", "id too long", """{"task_id":"«i*65»","status":"paused"}""", "invalid_input", "task_id: has 65 characters; 1 to 64 are allowed."),
        ("task_update_status", "wrong type", """{"task_id":{},"status":"paused"}""", "invalid_input", "task_id: is an object; text of 1 to 64 of A-Z a-z 0-9 . _ : - is wanted."),
        ("task_update_status", "unknown field", """{"task_id":"@task","status":"paused","note":"x"}""", "invalid_input", "note: is no field here; there are task_id, status, progress, expected_version, reason."),
        ("task_update_status", "not found", $$"""{"task_id":"{{Missing}}","status":"paused"}""", "not_found", NoTaskOf),
        ("task_update_status", "a workflow's id", """{"task_id":"@done","status":"paused"}""", "not_found", "There is no task '@done'; task_list gives the ids there are."),
        ("task_update_status", "conflict", """{"task_id":"@task","status":"paused","expected_version":7}""", "conflict", OldVersion),
        ("task_update_status", "ended", """{"task_id":"@ended","status":"executing"}""", "conflict", "Task '@ended' is completed and cannot become executing; make a new task."),

        ("task_list", "good", """{"status":"pending","assignee":"ann","limit":5}""", "", ""),
        ("task_list", "status", """{"status":"open"}""", "invalid_input", "status: is 'open'; one of pending, planning, executing, completed, failed, cancelled, paused is allowed."),
        ("task_list", "limit", """{"limit":201}""", "invalid_input", "limit: is 201; a whole number from 1 to 200 is allowed."),
        ("task_list", "assignee too long", """{"assignee":"«a*129»"}""", "invalid_input", "assignee: has 129 characters; 1 to 128 are allowed."),
        ("task_list", "cursor", """{"cursor":"forged"}""", "invalid_input", "cursor: was altered, or belongs to another scope, filter or order; begin again without one."),
        ("task_list", "cursor too long", """{"cursor":"«c*4097»"}""", "invalid_input", "cursor: has 4,097 characters; 1 to 4,096 are allowed."),
        ("task_list", "wrong type", """{"limit":"5"}""", "invalid_input", "limit: is text; a whole number from 1 to 200 is wanted."),
        ("task_list", "unknown field", """{"offset":1}""", "invalid_input", "offset: is no field here; there are status, assignee, limit, cursor."),
    ];

    private static (string, string, string, string, string)[] Controls(string tool, string done, string rule, string good) =>
    [
        (tool, "good", $$"""{"workflow_id":"{{good}}"}""", "", ""),
        (tool, "missing", "{}", "invalid_input", NoId),
        (tool, "not found", $$"""{"workflow_id":"{{Missing}}"}""", "not_found", NoWorkflow),
        (tool, "no id of ours", """{"workflow_id":"nobody"}""", "not_found", "workflow_id: there is no workflow 'nobody'; workflow_execute gives the ids there are."),
        (tool, "conflict", """{"workflow_id":"@done"}""", "conflict", $"Workflow '@done' is completed and cannot be {done}. {rule}"),
        (tool, "id too long", """{"workflow_id":"«i*65»"}""", "invalid_input", IdTooLong),
        (tool, "id of other characters", """{"workflow_id":"a b"}""", "invalid_input", OtherCharacters),
        (tool, "wrong type", """{"workflow_id":1}""", "invalid_input", NumberForId),
        (tool, "unknown field", """{"workflow_id":"@running","force":true}""", "invalid_input", "force: is no field here; there are workflow_id."),
    ];
}
