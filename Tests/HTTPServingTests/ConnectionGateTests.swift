import HTTPServing
import Testing

struct ConnectionGateTests {
    @Test func oneUserCannotTakeThePlacesOfTheOthers() {
        let gate = ConnectionGate<Int?>(each: 2, all: 3)
        #expect(gate.enter(1) && gate.enter(1) && !gate.enter(1))
        #expect(gate.enter(2))
        #expect(!gate.enter(2) && !gate.enter(3) && !gate.enter(nil))
        gate.leave(1)
        #expect(gate.enter(nil))
        #expect(!gate.enter(1))
    }
}
