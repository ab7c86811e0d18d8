import Testing

@testable import LogStore

/// The controller of back-pressure by itself.
@Suite struct AdmissionTests {
    private var options: StoreOptions {
        var options = StoreOptions()
        options.memtableBytes = 64 << 20
        return options
    }

    private func controller(_ debt: AdmissionController.Debt) -> AdmissionController {
        var admission = AdmissionController(options: options)
        admission.noteBackgroundStep()
        admission.debt = debt
        admission.look()
        return admission
    }

    /// Bytes let in while the background moves by so many, when commits of 1,000 bytes want in all the time.
    private func admitted(_ admission: inout AdmissionController, progress: Int, pieces: Int = 100) -> Int {
        var bytes = 0
        for _ in 0..<pieces {
            _ = admission.earn(progress / pieces)
            while bytes < 1 << 30, admission.admit(1_000, makesRoom: false) { bytes += 1_000 }
        }
        return bytes
    }

    private func admits(_ admission: inout AdmissionController, makesRoom: Bool) -> Bool {
        admission.admit(1_000, makesRoom: makesRoom)
    }

    @Test func withoutDebtNobodyWaits() {
        var admission = controller(.init(level0Runs: 4, pendingBytes: 1 << 30, memtableBytes: 100 << 20))
        #expect(admission.pressure == 0)
        for _ in 0..<10_000 { _ = admission.admit(100_000, makesRoom: false) }
        #expect(admission.delays == 0)
    }

    @Test func theMoreDebtTheLessIsLetInAndNeverNothing() {
        var least = Int.max
        for runs in 13...40 {
            var admission = controller(.init(level0Runs: runs))
            // What was saved up before is spent first.
            _ = admitted(&admission, progress: 0)
            let bytes = admitted(&admission, progress: 64 << 20)
            #expect(bytes <= least, "\(runs) runs")
            #expect(bytes > 256 << 10, "\(runs) runs")
            least = bytes
        }
        #expect(least < 1 << 20)
    }

    @Test func everyKindOfDebtSlows() {
        let debts: [AdmissionController.Debt] = [
            .init(level0Runs: 36), .init(pendingBytes: 1 << 40), .init(memtableBytes: 190 << 20),
            .init(logRoomBytes: 1 << 20), .init(cleaningBytes: 1 << 40), .init(spareBytes: 1 << 20),
        ]
        for debt in debts {
            var admission = controller(debt)
            #expect(admission.pressure > 0.5, "\(debt)")
            #expect(admitted(&admission, progress: 1 << 20) < 1 << 20, "\(debt)")
        }
    }

    @Test func nobodyWaitsForABackgroundThatHasNothingToDo() {
        var admission = controller(.init(level0Runs: 100))
        _ = admitted(&admission, progress: 0)
        #expect(!admits(&admission, makesRoom: false))
        let isTold = admission.noteBackgroundRests()
        #expect(isTold)
        #expect(admitted(&admission, progress: 0) > 100 << 20)
    }

    @Test func deletesGoFirst() {
        var admission = controller(.init(level0Runs: 100))
        _ = admitted(&admission, progress: 0)
        #expect(!admits(&admission, makesRoom: false))
        #expect(admits(&admission, makesRoom: true))
    }

    /// Writers who want more than the background can do: their pace settles at what it can, without a stop, and the
    /// debt below its hard mark.
    @Test func thePaceSettlesAtTheBackgrounds() {
        var admission = controller(.init())
        /// Each byte written makes so many to rewrite.
        let amplification = 8.0
        let progressPerTick = 1 << 20
        var owed = 0.0
        var idleTicks = 0
        var written: [Int] = []
        for tick in 0..<20_000 {
            admission.debt.pendingBytes = UInt64(max(0, owed))
            admission.look()
            _ = admission.earn(progressPerTick)
            var bytes = 0
            while bytes < 4 << 20, admission.admit(1_000, makesRoom: false) { bytes += 1_000 }
            owed += Double(bytes) * amplification - Double(progressPerTick)
            if tick > 10_000 {
                written.append(bytes)
                if bytes == 0 { idleTicks += 1 }
            }
        }
        #expect(idleTicks == 0)
        #expect(admission.pressure < 1)
        let mean = Double(written.reduce(0, +)) / Double(written.count)
        #expect(abs(mean * amplification / Double(progressPerTick) - 1) < 0.05, "\(mean)")
    }
}
