import Testing

@testable import LocalAPI

struct ConnectionGateTests {
    @Test func oneUserCannotTakeThePlacesOfTheOthers() {
        var limits = SocketLimits()
        (limits.connectionsPerUser, limits.connections) = (2, 3)
        let gate = ConnectionGate(limits: limits)
        #expect(gate.enter(1) && gate.enter(1) && !gate.enter(1))
        #expect(gate.enter(2))
        #expect(!gate.enter(2) && !gate.enter(3) && !gate.enter(nil))
        gate.leave(1)
        #expect(gate.enter(nil))
        #expect(!gate.enter(1))
    }

    @Test func everybodyFitsBelowTheUsualLimitOfDescriptors() {
        let limits = SocketLimits()
        #expect(limits.connectionsPerUser > 200 && 2 * limits.connectionsPerUser < limits.connections && limits.connections < 900)
    }
}
