import Glibc
import Primitives

/// Shows a virtual card to a virtual reader (vpcd) until told to stop; reconnects while the reader is away.
///
/// One thread does everything: the reader's connection, the control socket and the descriptor that stops it.
package struct VirtualReader: ~Copyable {
    private static let shortestPause = 50
    private static let longestPause = 1000
    private var slot: ReaderSlot
    private var control: ControlServer?
    private let stop: Int32
    private var pause = VirtualReader.shortestPause
    private var announced = false
    /// The reader hung up: it is given a pause before the next attempt.
    private var wasDropped = false

    /// - Parameters:
    ///   - control: path of the control socket, if any.
    ///   - stop: a descriptor that becomes readable when ``run(onTaken:)`` shall return.
    package init(
        card: VirtualCard, faults: [Fault], host: String, port: UInt16, control: String?, stop: Int32
    ) throws(SocketError) {
        slot = ReaderSlot(card, host: host, port: port)
        for fault in faults { slot.add(fault) }
        if let control { self.control = try ControlServer(path: control) }
        self.stop = stop
    }

    /// Plays the card; `onTaken` is called each time the reader powers a card that was put in.
    package mutating func run(onTaken: (VirtualCard) -> Void) {
        defer { shutDown() }
        while true {
            let isReached = !wasDropped && slot.connect()
            wasDropped = false
            let ready = wait(for: [stop] + descriptors, milliseconds: isReached ? -1 : pause)
            if !isReached { pause = min(pause * 2, Self.longestPause) }
            if slot.isTaken { pause = Self.shortestPause }
            for descriptor in ready {
                if descriptor == stop { return }
                if descriptor == slot.descriptor {
                    serveReader()
                } else {
                    serveControl(descriptor)
                }
            }
            announce(onTaken)
        }
    }

    private var descriptors: [Int32] { (slot.descriptor.map { [$0] } ?? []) + (control?.descriptors ?? []) }

    private mutating func serveReader() {
        let stop = stop
        slot.serve { milliseconds in
            var descriptor = pollfd(fd: stop, events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, Int32(milliseconds))
        }
        wasDropped = slot.isInserted && slot.descriptor == nil
    }

    private mutating func serveControl(_ descriptor: Int32) {
        guard var server = control else { return }
        server.serve(descriptor) { perform($0) }
        control = server
    }

    /// `eject`, `insert [FOLDER]`, `fault SWITCH`, `fault none`, `status`.
    private mutating func perform(_ line: String) -> String {
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        switch (words.first, words.count) {
        case ("eject", 1):
            slot.eject()
            return "ok"
        case ("insert", 1):
            slot.insert()
            return "ok"
        case ("insert", 2):
            do throws(CardFolderError) {
                slot.replace(with: try VirtualCard(folder: words[1]))
            } catch {
                return "error \(error)"
            }
            announced = false
            slot.insert()
            return "ok"
        case ("fault", 2) where words[1] == "none":
            slot.clearFaults()
            return "ok"
        case ("fault", 2):
            guard let fault = Fault(words[1]) else { return "error no such fault: \(words[1])" }
            slot.add(fault)
            return "ok"
        case ("status", 1): return String(decoding: status.canonical, as: UTF8.self)
        default: return "error no such command; there are eject, insert, fault, status"
        }
    }

    private var status: JSON {
        let description = slot.holder.card.description
        return [
            "inserted": .bool(slot.isInserted), "taken": .bool(slot.isTaken), "commands": .int(Int64(slot.holder.commands)),
            "generation": .string(description.generation.rawValue), "serial": .string(description.serial),
            "vary": description.variation.map { .int(Int64($0)) } ?? .null,
            "pin_tries_left": .int(Int64(description.pin.triesLeft)), "puk_tries_left": .int(Int64(description.puk.triesLeft)),
        ]
    }

    private mutating func announce(_ onTaken: (VirtualCard) -> Void) {
        if slot.descriptor == nil { announced = false }
        guard slot.isTaken, !announced else { return }
        announced = true
        onTaken(slot.holder.card)
    }

    private mutating func shutDown() {
        slot.eject()
        control?.close()
        control = nil
    }

    /// Those of the descriptors that have something, within the time (-1: without end).
    private func wait(for descriptors: [Int32], milliseconds: Int) -> [Int32] {
        var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&entries, nfds_t(entries.count), Int32(milliseconds)) > 0 else { return [] }
        return entries.filter { $0.revents != 0 }.map(\.fd)
    }
}
