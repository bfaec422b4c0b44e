import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn.ts';

interface TableProps extends ComponentProps<'table'> {
  /** Turn rows into cards on a phone; every cell then needs `label`. */
  stack?: boolean;
}

/** Said again because `display: block` or `grid` on these elements takes away what they mean to a screen reader. */
export const tableRoles = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'cell' },
};

export function Table({ className, stack, ...props }: TableProps) {
  return (
    <div className="relative w-full overflow-x-auto">
      <table {...tableRoles.table} className={cn('w-full text-[13px]', stack && 'stack-table', className)} {...props} />
    </div>
  );
}

export function TableHeader({ className, ...props }: ComponentProps<'thead'>) {
  return <thead {...tableRoles.group} className={cn('border-b border-border', className)} {...props} />;
}

export function TableBody({ className, ...props }: ComponentProps<'tbody'>) {
  return <tbody {...tableRoles.group} className={cn('[&_tr:last-child]:border-0', className)} {...props} />;
}

export function TableRow({ className, ...props }: ComponentProps<'tr'>) {
  return (
    <tr
      {...tableRoles.row}
      className={cn('group/row border-b border-border/70 transition-colors hover:bg-muted/60', className)}
      {...props}
    />
  );
}

export function TableHead({ className, ...props }: ComponentProps<'th'>) {
  return (
    <th
      {...tableRoles.head}
      scope="col"
      className={cn(
        'h-9 px-4 text-left align-middle text-xs font-medium whitespace-nowrap text-muted-foreground',
        className,
      )}
      {...props}
    />
  );
}

export function TableCell({ className, label = '', ...props }: ComponentProps<'td'> & { label?: string }) {
  return <td {...tableRoles.cell} data-label={label} className={cn('px-4 py-2 align-middle', className)} {...props} />;
}
