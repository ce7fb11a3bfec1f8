import Testing

@testable import VirtualCard

struct ReaderFramesTests {
    @Test func requestsAreReadHoweverTheyArrive() throws {
        var frames = ReaderFrames()
        var requests: [ReaderRequest] = []
        let stream: [UInt8] = [0, 1, 1, 0, 1, 4, 0, 5, 0x00, 0xB0, 0x00, 0x00, 0x0C, 0, 1, 2, 0, 1, 0]
        for byte in stream {
            frames.append([byte])
            while let request = try frames.next() { requests.append(request) }
        }
        #expect(requests == [.powerOn, .sendATR, .command([0x00, 0xB0, 0x00, 0x00, 0x0C]), .reset, .powerOff])
    }

    @Test(arguments: [[0, 0], [0xFF, 0xFF], [0, 1, 9]] as [[UInt8]])
    func otherBytesAreMalformed(bytes: [UInt8]) {
        var frames = ReaderFrames()
        frames.append(bytes)
        #expect(throws: ReaderFrames.Malformed.self) { try frames.next() }
    }

    @Test func answersCarryTheirLength() {
        #expect(ReaderFrames.frame([0x90, 0x00]) == [0, 2, 0x90, 0x00])
        #expect(ReaderFrames.frame([UInt8](repeating: 0, count: 258)).prefix(2) == [1, 2])
    }
}
