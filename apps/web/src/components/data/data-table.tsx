'use client';

import {
  type ColumnDef,
  getCoreRowModel,
  getSortedRowModel,
  type SortingState,
  useReactTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp, ChevronsUpDown } from 'lucide-react';
import { useState } from 'react';
import { cn } from '../../lib/cn.ts';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../ui/table.tsx';

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => React.ReactNode;
  /** Makes the column sortable; null sorts last. */
  sort?: (row: T) => string | number | null;
  align?: 'right';
  className?: string;
  /** Keeps the header for screen readers only, for columns of buttons. */
  hideHeader?: boolean;
}

interface DataTableProps<T> {
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  initialSort?: { id: string; desc: boolean };
}

/** A table of up to some hundred rows: sortable by its headers, cards on a phone. */
export function DataTable<T>({ label, rows, columns, rowKey, initialSort }: DataTableProps<T>) {
  const [sorting, setSorting] = useState<SortingState>(initialSort ? [initialSort] : []);
  const byId = new Map(columns.map((c) => [c.id, c]));
  const table = useReactTable({
    data: rows as T[],
    columns: columns.map(toColumnDef),
    state: { sorting },
    onSortingChange: setSorting,
    getRowId: rowKey,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
  });
  return (
    <Table stack aria-label={label}>
      <TableHeader>
        <TableRow className="hover:bg-transparent">
          {table.getFlatHeaders().map((header) => {
            const column = byId.get(header.id);
            const sorted = header.column.getIsSorted();
            return (
              <TableHead
                key={header.id}
                aria-sort={sorted === 'asc' ? 'ascending' : sorted === 'desc' ? 'descending' : undefined}
                className={cn(column?.align === 'right' && 'text-right', column?.className)}
              >
                {header.column.getCanSort() ? (
                  <button
                    type="button"
                    onClick={header.column.getToggleSortingHandler()}
                    className="-mx-1 inline-flex h-7 cursor-pointer items-center gap-1 rounded-sm px-1 hover:text-foreground"
                  >
                    {column?.header}
                    <SortMark sorted={sorted} />
                  </button>
                ) : (
                  <span className={column?.hideHeader ? 'sr-only' : undefined}>{column?.header}</span>
                )}
              </TableHead>
            );
          })}
        </TableRow>
      </TableHeader>
      <TableBody>
        {table.getRowModel().rows.map((row) => (
          <TableRow key={row.id}>
            {row.getVisibleCells().map((cell) => {
              const column = byId.get(cell.column.id);
              return (
                <TableCell
                  key={cell.id}
                  label={column?.hideHeader ? '' : column?.header}
                  className={cn(
                    column?.align === 'right' && 'text-right',
                    // Buttons stay in view however wide the rest is.
                    column?.hideHeader &&
                      'md:sticky md:right-0 md:bg-card md:group-last/row:rounded-br-lg md:group-hover/row:bg-[color-mix(in_oklab,var(--muted)_60%,var(--card))]',
                    column?.className,
                  )}
                >
                  {/* Called, not rendered as a component: its identity changes with every answer, and open dialogs would close. */}
                  {column?.cell(row.original)}
                </TableCell>
              );
            })}
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function toColumnDef<T>(column: Column<T>): ColumnDef<T> {
  const { sort } = column;
  if (!sort) return { id: column.id, enableSorting: false };
  return {
    id: column.id,
    accessorFn: (row) => sort(row) ?? undefined,
    sortUndefined: 'last',
    sortingFn: (a, b, id) => compare(a.getValue(id), b.getValue(id)),
  };
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

function SortMark({ sorted }: { sorted: false | 'asc' | 'desc' }) {
  if (sorted === 'asc') return <ArrowUp className="size-3" aria-hidden />;
  if (sorted === 'desc') return <ArrowDown className="size-3" aria-hidden />;
  return <ChevronsUpDown className="size-3 opacity-45" aria-hidden />;
}
