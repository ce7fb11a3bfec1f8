import APIContract
import AgentClient
import Primitives
import ScriptedAgent
import Testing

@testable import Commands

/// When the seat is closed: ends of card sessions, grace, loss of the agent.
@Suite(.timeLimit(.minutes(5)))
struct SessionLockTests {
    private static func session(
        _ id: String = "S1", _ state: String = "active", uid: Int64 = 1000, mode: String = "card", end: String? = nil, reason: String? = nil
    ) -> JSON {
        .members([
            "id": .string(id), "state": .string(state), "mode": .string(mode), "uid": .int(uid),
            "end_reason": end.map(JSON.string) ?? .null,
            "reason": reason.map(JSON.string),
        ])
    }

    private static func state(_ sessions: [JSON]) -> AgentEvent { AgentEvent(id: 1, kind: "state", data: ["sessions": .array(sessions)]) }
    private static func event(_ session: JSON) -> AgentEvent { AgentEvent(id: 2, kind: "session", data: session) }

    /// One that follows a session of ours that goes on.
    private static func watch(grace: Duration = .seconds(5)) -> SeatWatch {
        var watch = SeatWatch(uid: 1000)
        watch.grace = grace
        watch.hear(state([session()]), at: .zero)
        return watch
    }

    @Test(arguments: ["card_removed", "reader_lost", "monitoring_lost", "suspended", "agent_restarted"])
    func seatIsClosedAfterTheGrace(_ reason: String) {
        var watch = Self.watch()
        watch.hear(Self.event(Self.session("S1", "ended", end: reason)), at: .seconds(10))
        #expect(!watch.isDue(at: .seconds(14)))
        #expect(watch.isDue(at: .seconds(15)))
        #expect(watch.due?.reason == reason)
        watch.close()
        #expect(!watch.isDue(at: .seconds(100)))
    }

    @Test(arguments: ["logout", "inactivity", "expired", "administrator", "replaced"])
    func wishOfSomebodyWhoIsThereClosesNothing(_ reason: String) {
        var watch = Self.watch()
        watch.hear(Self.event(Self.session("S1", "ended", end: reason)), at: .seconds(10))
        #expect(watch.due == nil)
    }

    @Test func cardThatIsPutBackWithinTheGraceKeepsTheSeatOpen() {
        var watch = Self.watch()
        watch.hear(Self.event(Self.session("S1", "ended", end: "card_removed")), at: .seconds(10))
        watch.hear(Self.event(Self.session("S2")), at: .seconds(12))
        #expect(!watch.isDue(at: .seconds(100)))
        watch.hear(Self.event(Self.session("S2", "ended", end: "card_removed")), at: .seconds(200))
        #expect(watch.isDue(at: .seconds(205)))
    }

    @Test func laterEndDoesNotMakeTheGraceLonger() {
        var watch = Self.watch()
        watch.hear(Self.event(Self.session("S2")), at: .seconds(1))
        watch.hear(Self.event(Self.session("S1", "ended", end: "card_removed")), at: .seconds(10))
        watch.hear(Self.event(Self.session("S2", "ended", end: "card_removed")), at: .seconds(14))
        #expect(watch.isDue(at: .seconds(15)))
    }

    @Test func anotherHolderClosesTheSeatOfTheFirst() {
        var watch = Self.watch()
        watch.hear(Self.event(Self.session("S1", "locked", reason: "holder_changed")), at: .seconds(10))
        #expect(watch.isDue(at: .seconds(15)))
        var own = Self.watch()
        own.hear(Self.event(Self.session("S1", "locked", reason: "request")), at: .seconds(10))
        #expect(own.due == nil)
    }

    @Test func sessionsOfOthersAndOfPhonesCloseNothing() {
        var watch = SeatWatch(uid: 1000)
        let others = [Self.session("S1", uid: 0), Self.session("S2", mode: "mobile"), Self.session("S3", mode: "degraded")]
        watch.hear(Self.state(others), at: .zero)
        for id in ["S1", "S2", "S3"] {
            let (uid, mode) = (id == "S1" ? Int64(0) : 1000, id == "S2" ? "mobile" : id == "S3" ? "degraded" : "card")
            watch.hear(Self.event(Self.session(id, "ended", uid: uid, mode: mode, end: "card_removed")), at: .zero)
        }
        watch.lose(at: .zero)
        #expect(watch.due == nil)
    }

    @Test func lossOfTheAgentClosesTheSeatWhileASessionGoesOn() {
        var watch = Self.watch()
        watch.lose(at: .seconds(10))
        #expect(watch.isDue(at: .seconds(15)))
        var back = Self.watch()
        back.lose(at: .seconds(10))
        back.hear(Self.state([Self.session("S1")]), at: .seconds(12))
        #expect(back.due == nil)
        var idle = SeatWatch(uid: 1000)
        idle.hear(Self.state([]), at: .zero)
        idle.lose(at: .zero)
        #expect(idle.due == nil)
    }

    @Test func sessionThatEndedUnheardClosesTheSeat() {
        var watch = Self.watch(grace: .zero)
        watch.hear(Self.state([]), at: .seconds(10))
        #expect(watch.isDue(at: .seconds(10)))
    }

    @Test func seatThatCouldNotBeClosedIsTriedAgain() {
        var watch = Self.watch(grace: .zero)
        watch.hear(Self.event(Self.session("S1", "ended", end: "card_removed")), at: .zero)
        watch.close(again: .seconds(2))
        #expect(!watch.isDue(at: .seconds(1)))
        #expect(watch.isDue(at: .seconds(2)))
    }

    private static let policies: [(pam: JSON, policy: SeatWatch.Policy, grace: Int)] = [
        (.null, .lock, 5), (["on_removal": "logout", "grace": 0], .logout, 0), (["on_removal": "nothing", "grace": 30], .nothing, 30),
        (["on_removal": "dance", "grace": -3], .lock, 0),
    ]

    @Test(arguments: policies) func policyIsTheAgents(_ told: (pam: JSON, policy: SeatWatch.Policy, grace: Int)) {
        var watch = SeatWatch(uid: 1000)
        watch.configure(["pam": told.pam])
        #expect(watch.policy == told.policy)
        #expect(watch.grace == .seconds(told.grace))
    }

    // The whole of it against an agent that follows a script.

    private func follow(
        _ machine: FakeWorkstation, on policy: String = "lock", xdg: String? = "c7", end: String = "card_removed", console: RecordingConsole
    ) throws -> RecordingConsole {
        let agent = try ScriptedAgent { request in
            guard request.line == "GET /v1/events" else { return .json(["pam": ["on_removal": .string(policy), "grace": 0]]) }
            let events = [("state", JSON.members(["sessions": [Self.session()]])), ("session", Self.session("S1", "ended", end: end))]
            return .chunks(
                events.map { "event: \($0)\ndata: \(String(decoding: $1.canonical, as: UTF8.self))\n\n" }, type: "text/event-stream")
        }
        let client = AgentClient(socket: agent.socket, language: .english, check: ServerCheck { _ in true }, time: FixedTime())
        let output = Output(console: console, isJSON: false, language: .english)
        let tool = Tool(client: client, output: output, console: console, time: FixedTime(), workstation: machine, environment: [:])
        try SeatLock(tool: tool, uid: 1000, session: xdg).follow(rounds: 1)
        return console
    }

    @Test(arguments: [("lock", "loginctl lock-session c7"), ("logout", "loginctl terminate-session c7")])
    func sessionOfThisProgramIsClosed(_ policy: String, _ command: String) throws {
        let machine = FakeWorkstation()
        machine.outcomes[command] = .ended(status: 0, output: [])
        let console = try follow(machine, on: policy, console: RecordingConsole())
        #expect(machine.ran == [command])
        #expect(console.errors.contains("(card removed)"))
    }

    @Test func nothingIsNothing() throws {
        let machine = FakeWorkstation()
        _ = try follow(machine, on: "nothing", console: RecordingConsole())
        #expect(machine.ran.isEmpty)
    }

    @Test func sessionsOfTheUserAtASeatAreClosedWhereNoneIsNamed() throws {
        let machine = FakeWorkstation()
        let table = " 3 1000 alice seat0 tty2\n 4 1000 alice pts/0\n 5 1001 bob seat0 tty3\nc1 1000 alice seat1\n"
        machine.outcomes["loginctl list-sessions --no-legend --no-pager"] = .ended(status: 0, output: Array(table.utf8))
        for id in ["3", "c1"] { machine.outcomes["loginctl lock-session \(id)"] = .ended(status: 0, output: []) }
        _ = try follow(machine, xdg: nil, console: RecordingConsole())
        #expect(machine.ran.filter { $0.contains("lock-session") } == ["loginctl lock-session 3", "loginctl lock-session c1"])
    }

    @Test func failureIsTold() throws {
        let machine = FakeWorkstation()
        machine.outcomes["loginctl lock-session c7"] = .ended(status: 1, output: [])
        let console = try follow(machine, console: RecordingConsole())
        #expect(console.errors.contains("could not be closed"))
    }

    @Test func programGoesByItsName() {
        #expect(
            CommandLineTool.arguments(asCalled: ["/usr/bin/cps-session-lock", "--socket", "/s"]) == ["session-lock", "--socket", "/s"])
        #expect(CommandLineTool.arguments(asCalled: ["cpsctl", "status"]) == ["status"])
        #expect(CommandLineTool.arguments(asCalled: []).isEmpty)
    }

    @Test func verbIsHidden() throws {
        let run = try Run("--help")
        #expect(!run.console.output.contains("session-lock"))
    }
}
