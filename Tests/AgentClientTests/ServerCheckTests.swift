import Testing

@testable import AgentClient

struct ServerCheckTests {
    @Test(
        arguments: [
            (0, 33, true), (1000, 33, true), (33, 33, true), (33, nil, false), (1001, 33, false), (1001, nil, false), (.max, nil, false),
        ] as [(UInt32, UInt32?, Bool)])
    func serverMustBeRootTheAgentOrTheCaller(_ server: UInt32, _ agent: UInt32?, _ isTrusted: Bool) {
        let check = ServerCheck.standard(agentUID: agent, callerUID: 1000)
        #expect(check.isTrusted(ServerCredentials(uid: server, gid: 0, pid: 1)) == isTrusted)
    }
}
