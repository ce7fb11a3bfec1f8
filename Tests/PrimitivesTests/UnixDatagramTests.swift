import DatagramListening
import Glibc
import Primitives
import Testing

struct UnixDatagramTests {
    @Test(arguments: [false, true]) func whatIsSentArrivesWhole(_ isAbstract: Bool) throws {
        let listener = try DatagramListener(isAbstract: isAbstract)
        let datagram = try UnixDatagram(to: listener.path)
        try datagram.send(Array("one".utf8))
        try datagram.send([0, 10, 255], waits: true)
        #expect(listener.next() == Array("one".utf8))
        #expect(listener.next() == [0, 10, 255])
    }

    @Test func aReaderThatCameBackIsFoundAgain() throws {
        let first = try DatagramListener(isAbstract: false)
        let datagram = try UnixDatagram(to: first.path)
        try datagram.send([1])
        first.close()
        #expect(throws: FileError(first.path, EPIPE)) { try datagram.send([2]) }
        unlink(first.path)
        #expect(throws: FileError(first.path, ENOENT)) { try datagram.send([2]) }
        let second = try DatagramListener(path: first.path)
        try datagram.send([3])
        #expect(second.next() == [3])
        // Its file goes with it, so it has to stay until here.
        withExtendedLifetime(first) {}
    }

    @Test func aReaderThatDoesNotReadHoldsNobody() throws {
        let listener = try DatagramListener(isAbstract: false)
        let datagram = try UnixDatagram(to: listener.path)
        let full = #expect(throws: FileError.self) { for _ in 0..<100_000 { try datagram.send([1]) } }
        #expect(full?.number == EAGAIN)
    }

    @Test(arguments: ["", "@", "/" + String(repeating: "x", count: 107), "@" + String(repeating: "x", count: 108)])
    func aPathThatFitsNoAddressIsRefused(_ path: String) {
        let refused = #expect(throws: FileError.self) { _ = try UnixDatagram(to: path) }
        #expect(refused?.number == ENAMETOOLONG)
    }
}
