//! The allocator of a component. The host zeroes all memory of an instance before the next one, so it
//! uses what the linker left of the first pages before it asks for more.

#![expect(unsafe_code, reason = "an allocator hands out memory that nothing else describes")]

use core::alloc::Layout;
use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::NonNull;

use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::min_first_heap_size;
use talc::source::Source;
use talc::wasm::WasmBinning;

#[global_allocator]
static ALLOCATOR: TalcSyncCell<LinearMemory, WasmBinning> =
    TalcSyncCell::new_wasm(LinearMemory { end: None });

unsafe extern "C" {
    /// Where the linker's data ends. <https://lld.llvm.org/WebAssembly.html>
    static __heap_base: u8;
}

/// Bytes of a page. <https://webassembly.github.io/spec/core/exec/runtime.html#page-size>
const PAGE: usize = 64 << 10;
/// Bytes that the allocator may need besides those that are asked for.
const OVERHEAD: usize = 64;

/// All memory above the linker's data.
#[derive(Debug)]
struct LinearMemory {
    /// Where the allocator's part ends.
    end: Option<NonNull<u8>>,
}

// SAFETY: nothing here allocates.
unsafe impl Source for LinearMemory {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let base = (&raw const __heap_base).cast_mut();
        let end = talc.source.end.map_or(base, NonNull::as_ptr);
        let top = || memory_size::<0>() * PAGE;
        let records = if talc.source.end.is_none() { min_first_heap_size::<B>() } else { 0 };
        let needed = records + layout.size() + layout.align() + OVERHEAD;
        let missing = needed.saturating_sub(top() - end as usize);
        if missing > 0 && memory_grow::<0>(missing.div_ceil(PAGE)) == usize::MAX {
            return Err(());
        }
        // SAFETY: the linker puts nothing above its heap base, and nothing else grows the memory.
        talc.source.end = unsafe {
            match talc.source.end {
                Some(end) => Some(talc.extend(end, top() as *mut u8)),
                None => talc.claim(base, top() - base as usize),
            }
        };
        talc.source.end.map(drop).ok_or(())
    }
}
