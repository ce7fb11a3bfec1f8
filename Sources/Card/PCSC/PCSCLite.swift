internal import CPCSC
package import SmartCard

/// The resource manager of this machine: pcsc-lite's `pcscd`. The only place that calls it.
package struct PCSCLite: ResourceManager {
    package init() {}

    package func establishContext() throws(PCSCError) -> Int {
        var context = SCARDCONTEXT()
        try check(SCardEstablishContext(DWORD(SCARD_SCOPE_SYSTEM), nil, nil, &context))
        return Int(context)
    }

    package func releaseContext(_ context: Int) { SCardReleaseContext(SCARDCONTEXT(context)) }

    package func readers(_ context: Int) throws(PCSCError) -> [String] {
        do throws(PCSCError) {
            var length = DWORD(0)
            try check(SCardListReaders(SCARDCONTEXT(context), nil, nil, &length))
            // A reader plugged between the two calls finds room too.
            length += 4096
            guard length <= 65_536 else { return [] }
            var names = [CChar](repeating: 0, count: Int(length))
            try check(SCardListReaders(SCARDCONTEXT(context), nil, &names, &length))
            return names.prefix(Int(length)).split(separator: 0).map { ReaderName.text($0.map(UInt8.init(bitPattern:))) }
        } catch .noReadersAvailable {
            return []
        }
    }

    package func waitForChange(_ context: Int, _ rows: inout [ReaderRow], milliseconds: UInt32) throws(PCSCError) -> Bool {
        var waits = rows.map { row in
            var wait = shim_reader()
            wait.known = DWORD(row.known)
            return wait
        }
        // The C rows point at these names, so they live until the call is over.
        let names = rows.map { row in ReaderName.bytes(row.name) }
        let code = withPointers(to: names[...], []) { pointers in
            for (index, pointer) in pointers.enumerated() { waits[index].name = pointer }
            return shim_wait(SCARDCONTEXT(context), DWORD(milliseconds), &waits, DWORD(waits.count))
        }
        do throws(PCSCError) { try check(code) } catch .timeout { return false }
        for index in rows.indices {
            rows[index].found = UInt32(truncatingIfNeeded: waits[index].found)
            let length = max(0, Int(waits[index].atr_length))
            rows[index].atr = withUnsafeBytes(of: waits[index].atr) { Array($0.prefix(length)) }
        }
        return true
    }

    package func cancel(_ context: Int) { SCardCancel(SCARDCONTEXT(context)) }

    package func channel(_ context: Int, reader: String) throws(PCSCError) -> [UInt8] {
        let handle = try connectDirectly(context, reader)
        defer { SCardDisconnect(handle, DWORD(SCARD_LEAVE_CARD)) }
        var value = [UInt8](repeating: 0, count: Int(MAX_BUFFER_SIZE))
        var length = DWORD(value.count)
        try check(SCardGetAttrib(handle, shim_channel_id(), &value, &length))
        return Array(value.prefix(Int(length)))
    }

    package func features(_ context: Int, reader: String) throws(PCSCError) -> [UInt8] {
        let handle = try connectDirectly(context, reader)
        defer { SCardDisconnect(handle, DWORD(SCARD_LEAVE_CARD)) }
        return try features(Int(handle))
    }

    /// A connection to the reader, whether a card is in it or not.
    private func connectDirectly(_ context: Int, _ reader: String) throws(PCSCError) -> SCARDHANDLE {
        var handle = SCARDHANDLE()
        var active = DWORD(0)
        try check(
            SCardConnect(SCARDCONTEXT(context), ReaderName.bytes(reader), DWORD(SCARD_SHARE_DIRECT), 0, &handle, &active))
        return handle
    }

    package func connect(_ context: Int, reader: String) throws(PCSCError) -> (card: Int, protocol: TransmissionProtocol) {
        var card = SCARDHANDLE()
        var active = DWORD(0)
        let protocols = DWORD(SCARD_PROTOCOL_T0) | DWORD(SCARD_PROTOCOL_T1)
        try check(SCardConnect(SCARDCONTEXT(context), ReaderName.bytes(reader), DWORD(SCARD_SHARE_SHARED), protocols, &card, &active))
        return (Int(card), active == DWORD(SCARD_PROTOCOL_T0) ? .t0 : .t1)
    }

    package func beginTransaction(_ card: Int) throws(PCSCError) { try check(SCardBeginTransaction(SCARDHANDLE(card))) }

    package func transmit(_ card: Int, _ protocol: TransmissionProtocol, _ command: UnsafeRawBufferPointer) throws(PCSCError) -> [UInt8] {
        // Short APDUs answer at most 258 bytes; the rest is room for drivers that write their own trailer.
        var answer = [UInt8](repeating: 0, count: 264)
        var length = DWORD(answer.count)
        let header = `protocol` == .t0 ? shim_pci_t0() : shim_pci_t1()
        let start = command.bindMemory(to: UInt8.self).baseAddress
        try check(SCardTransmit(SCARDHANDLE(card), header, start, DWORD(command.count), nil, &answer, &length))
        return Array(answer.prefix(Int(length)))
    }

    package func features(_ card: Int) throws(PCSCError) -> [UInt8] {
        try control(card, UInt32(truncatingIfNeeded: shim_get_features()), [])
    }

    package func control(_ card: Int, _ code: UInt32, _ command: [UInt8]) throws(PCSCError) -> [UInt8] {
        var answer = [UInt8](repeating: 0, count: Int(MAX_BUFFER_SIZE))
        var length = DWORD(0)
        try check(
            SCardControl(
                SCARDHANDLE(card), DWORD(code), command, DWORD(command.count), &answer, DWORD(answer.count), &length))
        return Array(answer.prefix(Int(length)))
    }

    package func endTransaction(_ card: Int, _ afterUse: AfterUse) throws(PCSCError) {
        try check(SCardEndTransaction(SCARDHANDLE(card), disposition(afterUse)))
    }

    package func disconnect(_ card: Int, _ afterUse: AfterUse) { SCardDisconnect(SCARDHANDLE(card), disposition(afterUse)) }

    private func disposition(_ afterUse: AfterUse) -> DWORD { DWORD(afterUse == .reset ? SCARD_RESET_CARD : SCARD_LEAVE_CARD) }

    private func check(_ code: LONG) throws(PCSCError) {
        guard code != SCARD_S_SUCCESS else { return }
        throw PCSCError(code: UInt32(truncatingIfNeeded: code))
    }

    private func withPointers<Result>(
        to names: ArraySlice<[CChar]>, _ done: [UnsafePointer<CChar>?], _ body: ([UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        guard let first = names.first else { return body(done) }
        return first.withUnsafeBufferPointer { withPointers(to: names.dropFirst(), done + [$0.baseAddress], body) }
    }
}
