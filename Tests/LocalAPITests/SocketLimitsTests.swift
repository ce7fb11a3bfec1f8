import LocalAPI
import Testing

struct SocketLimitsTests {
    @Test func everybodyFitsBelowTheUsualLimitOfDescriptors() {
        let limits = SocketLimits()
        #expect(limits.connectionsPerUser > 200 && 2 * limits.connectionsPerUser < limits.connections && limits.connections < 900)
    }
}
